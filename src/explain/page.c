/* page: a derivation as lines of one equation, as a teacher writes it on the board.
 *
 * The current line is a raw term with derivatives still open. Each round replaces open derivatives by their rule's right
 * side: the outermost and leftmost one, together with all others that are leaves of the same kind, so that a line is one
 * idea. What replaces a derivative is `shown` (its parts still open) or, for a leaf, `after`; the inner function's letter
 * is put back at once. Rewrites follow under "now simplify".                                                          */
#include "explain/explain_impl.h"

typedef struct page {
    gradus_ctx *ctx;
    strbuf *out;
    text_form form;
    unsigned width;
    explain_level level;
    term line;            /* what was printed last, as a term */
    VEC(const step *) open;
    unsigned lines;
    strbuf text, reason;
} page;

enum { REASON_COLUMN = 46, MAX_LINES = 400 };

/* ---- one line ------------------------------------------------------------------------------------------------ */

static void put_latex_line(page *g)
{
    strbuf_printf(g->out, "%s%s &= ", g->lines ? " \\\\\n" : "", "    ");
    text_print(g->out, g->ctx, g->line, FORM_LATEX);
    if (g->reason.n)
        strbuf_printf(g->out, " && \\text{%s}", strbuf_str(&g->reason));
}

static void put_text_line(page *g)
{
    g->text.n = 0;
    strbuf_add(&g->text, "  = ");
    text_print(&g->text, g->ctx, g->line, g->form);
    strbuf_add(g->out, strbuf_str(&g->text));
    size_t have = utf8_width(strbuf_str(&g->text), g->text.n), want = utf8_width(strbuf_str(&g->reason), g->reason.n);
    if (g->reason.n) {
        size_t column = REASON_COLUMN;
        if (have + 2 > column)
            column = have + 2;
        if (column + want > g->width && have + 2 > REASON_COLUMN) { /* no room beside it: below, indented */
            strbuf_addc(g->out, '\n');
            have = 0;
            column = 8;
        }
        for (; have < column; have++)
            strbuf_addc(g->out, ' ');
        strbuf_add(g->out, strbuf_str(&g->reason));
    }
    strbuf_addc(g->out, '\n');
}

static void put_line(page *g, term t)
{
    if (!t || g->lines >= MAX_LINES)
        return;
    g->line = t;
    if (g->form == FORM_LATEX)
        put_latex_line(g);
    else
        put_text_line(g);
    g->lines++;
}

/* A rewrite said in words under the line's reason: nothing is changed that a reader sees. */
static bool same_print(page *g, term a, term b)
{
    strbuf x, y;
    strbuf_init(&x, g->ctx);
    strbuf_init(&y, g->ctx);
    text_print(&x, g->ctx, a, FORM_TEXT);
    text_print(&y, g->ctx, b, FORM_TEXT);
    bool same = strcmp(strbuf_str(&x), strbuf_str(&y)) == 0;
    strbuf_clear(&x);
    strbuf_clear(&y);
    return same;
}

/* ---- rounds ----------------------------------------------------------------------------------------------------- */

static bool is_leaf(const page *g, const step *s)
{
    if (g->level != EXPLAIN_ATOMIC && (strcmp(s->rule, "linear") == 0 || s->tag == STEP_TRIVIAL))
        return true;
    return !s->shown || !s->sub || s->tag == STEP_REPEAT;
}

static term replacement(page *g, const step *s)
{
    term r = is_leaf(g, s) ? s->after : s->shown;
    const step *parent = s->parent;
    if (r && parent && parent->inner_name && s->role && strcmp(s->role, "outer") == 0)
        r = term_raw_subst(g->ctx, r, &parent->inner_name, &parent->inner_is, 1);
    return r;
}

static void add_reason(page *g, const step *s)
{
    strbuf one;
    strbuf_init(&one, g->ctx);
    explain_reason(&one, g->ctx, s, g->form);
    if (!strstr(strbuf_str(&g->reason), strbuf_str(&one))) {
        if (g->reason.n)
            strbuf_add(&g->reason, "; ");
        strbuf_add(&g->reason, strbuf_str(&one));
    }
    strbuf_clear(&one);
}

/* Opens the steps below s in place of s in the list of open ones. */
static bool open_parts(page *g, size_t at)
{
    const step *s = g->open.at[at];
    size_t n = 0;
    if (!is_leaf(g, s))
        for (const step *c = s->sub; c; c = c->next)
            n += c->kind == STEP_RULE;
    if (!vec_reserve(g->ctx, &g->open, g->open.n + n + 1))
        return false;
    memmove(g->open.at + at + n, g->open.at + at + 1, (g->open.n - at - 1) * sizeof *g->open.at);
    g->open.n = g->open.n - 1 + n;
    if (n)
        for (const step *c = s->sub; c; c = c->next)
            if (c->kind == STEP_RULE)
                g->open.at[at++] = c;
    return true;
}

static bool together(const page *g, const step *first, const step *s)
{
    if (s == first)
        return true;
    if (is_leaf(g, first))
        return is_leaf(g, s);
    return !is_leaf(g, s) && strcmp(first->rule, s->rule) == 0;
}

/* One line: the first open derivative and whatever goes with it. false: nothing changed that a reader would see. */
static bool round_of(page *g)
{
    term from[64], to[64];
    uint32_t n = 0;
    const step *first = g->open.at[0];
    g->reason.n = 0;
    for (size_t i = 0; i < g->open.n && n < 64;) {
        const step *s = g->open.at[i];
        if (!together(g, first, s)) {
            i++;
            continue;
        }
        term r = replacement(g, s);
        if (r) {
            from[n] = s->before;
            to[n++] = r;
            add_reason(g, s);
        }
        size_t before = g->open.n;
        if (!open_parts(g, i))
            return false;
        i += g->open.n + 1 - before;
    }
    term next = n ? term_raw_subst(g->ctx, g->line, from, to, n) : g->line;
    if (!next)
        return false;
    if (!same_print(g, next, g->line))
        put_line(g, next);
    return true;
}

static void brief_rule(page *g, const step *s)
{
    g->reason.n = 0;
    add_reason(g, s);
    if (!is_leaf(g, s))
        put_line(g, s->shown);
    g->reason.n = 0;
    for (const step *c = is_leaf(g, s) ? NULL : s->sub; c; c = c->next)
        if (c->kind == STEP_RULE)
            add_reason(g, c);
    if (is_leaf(g, s))
        add_reason(g, s);
    put_line(g, s->after);
}

static void rule_lines(page *g, const step *s)
{
    if (g->level == EXPLAIN_BRIEF) {
        brief_rule(g, s);
        return;
    }
    g->line = s->before;
    g->open.n = 0;
    if (!vec_push(g->ctx, &g->open, s))
        return;
    while (g->open.n && ctx_status(g->ctx) == GRADUS_OK && g->lines < MAX_LINES)
        if (!round_of(g))
            break;
    if (s->after && !same_print(g, g->line, s->after)) {
        g->reason.n = 0;
        strbuf_add(&g->reason, "collected");
        put_line(g, s->after);
    }
}

static void rewrite_line(page *g, const step *s)
{
    if (s->tag == STEP_INVISIBLE || s->tag == STEP_COSMETIC || (g->line && same_print(g, g->line, s->after)))
        return;
    g->reason.n = 0;
    add_reason(g, s);
    put_line(g, s->after);
}

/* ---- a derivation -------------------------------------------------------------------------------------------------- */

static void heading(page *g, const step *s)
{
    if (!s->before || g->form == FORM_LATEX)
        return;
    strbuf_add(g->out, "  ");
    text_print(g->out, g->ctx, s->before, g->form);
    strbuf_addc(g->out, '\n');
}

static void latex_begin(page *g, const step *s)
{
    if (g->form != FORM_LATEX)
        return;
    strbuf_add(g->out, "\\begin{align*}\n");
    if (s->before)
        text_print(g->out, g->ctx, s->before, FORM_LATEX);
    strbuf_addc(g->out, '\n');
}

/* One equation: the rule that applies, then the rewrites. */
static void equation(page *g, const step *s)
{
    g->lines = 0;
    g->line = TERM_NONE;
    heading(g, s);
    latex_begin(g, s);
    bool simplifying = false;
    for (const step *c = s->sub; c; c = c->next) {
        if (c->kind == STEP_RULE) {
            rule_lines(g, c);
        } else if (c->kind == STEP_REWRITE) {
            if (!simplifying && g->lines && g->form != FORM_LATEX && g->level != EXPLAIN_BRIEF && c->tag == STEP_PLAIN &&
                !same_print(g, g->line, c->after)) {
                strbuf_add(g->out, "  now simplify\n");
                simplifying = true;
            }
            rewrite_line(g, c);
        }
    }
    if (!g->lines && s->after) {
        g->reason.n = 0;
        put_line(g, s->after);
    }
    if (g->form == FORM_LATEX)
        strbuf_add(g->out, "\n\\end{align*}\n");
}

static bool has_rules(const step *s)
{
    for (const step *c = s->sub; c; c = c->next)
        if (c->kind == STEP_RULE || c->kind == STEP_REWRITE)
            return true;
    return false;
}

/* A chain of chains (gradient, higher order) is one equation after the other; the nesting is at most a few deep, walked
 * by parent links. */
static void chains(page *g, const step *root)
{
    const step *s = root;
    while (s) {
        if (has_rules(s) || !s->sub) {
            equation(g, s);
        } else if (s->sub) {
            s = s->sub;
            continue;
        }
        while (s != root && !s->next)
            s = s->parent;
        if (s == root)
            break;
        s = s->next;
    }
}

void explain_page(strbuf *out, gradus_ctx *ctx, const step *root, explain_level level, text_form form, unsigned width)
{
    page g = {.ctx = ctx, .out = out, .form = form, .width = width ? width : 100, .level = level};
    strbuf_init(&g.text, ctx);
    strbuf_init(&g.reason, ctx);
    if (root)
        chains(&g, root);
    strbuf_clear(&g.text);
    strbuf_clear(&g.reason);
    vec_clear(ctx, &g.open);
}
