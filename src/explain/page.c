/* page: a record as a page: a heading and an equation per derivation, "now simplify", what was said about
 * kinks and conditions at the end. */
#include "explain/explain_impl.h"

typedef struct page {
    gradus_ctx *ctx;
    sheet sheet;
    board board;
    explain_level level;
} page;

static bool is(const step *s, const char *rule)
{
    return strcmp(s->rule, rule) == 0;
}

static void words(page *g, const char *text)
{
    sheet_add(&g->sheet, LINE_WORDS, 0, text, "");
}

static void heading(page *g, term t)
{
    strbuf b;
    if (!t) return;
    strbuf_init(&b, g->ctx);
    text_print(&b, g->ctx, t, g->sheet.form);
    sheet_add(&g->sheet, LINE_HEAD, 0, strbuf_str(&b), "");
    strbuf_clear(&b);
}

/* ---- rewrites ------------------------------------------------------------------------------------ */

/* A reading in matrix notation: said beside the formula in indices. */
static void say_matrix(page *g, const step *s)
{
    strbuf reason;
    term m = explain_binding(s, "matrix");
    if (!m || show_same(g->ctx, m, s->before)) return;
    strbuf_init(&reason, g->ctx);
    explain_change(&reason, g->ctx, s, g->sheet.form);
    if (is(s, "raise")) {
        strbuf line;
        strbuf_init(&line, g->ctx);
        strbuf_add(&line, g->sheet.form == FORM_LATEX ? "\\text{matrix form: }" : "matrix form: ");
        text_print(&line, g->ctx, m, g->sheet.form);
        sheet_add(&g->sheet, LINE_SAY, 0, strbuf_str(&line),
                  "the free index is the row, a summed index joins neighbours");
        strbuf_clear(&line);
    } else board_say(&g->board, m, s->before, strbuf_str(&reason), 0);
    strbuf_clear(&reason);
}

static bool changes_what_is_seen(page *g, const step *s)
{
    return s->tag != STEP_INVISIBLE && s->before != s->after &&
           !(g->board.last && show_same(g->ctx, g->board.last, s->after));
}

static void rewrite_line(page *g, const step *s)
{
    strbuf reason;
    if (!changes_what_is_seen(g, s)) return;
    strbuf_init(&reason, g->ctx);
    step seen = *s;
    if (is(s, "simplify") && g->board.last) seen.before = g->board.last;
    explain_change(&reason, g->ctx, &seen, g->sheet.form);
    board_line(&g->board, s->after, strbuf_str(&reason), 0);
    strbuf_clear(&reason);
}

/* ---- what is said at the end --------------------------------------------------------------------- */

/* The inner functions around step s put back for their names, from the inside out. */
static term outside_names(gradus_ctx *ctx, const step *s, term t)
{
    for (const step *p = s; p && t; p = p->parent)
        if (p->inner_name) t = term_raw_subst(ctx, t, &p->inner_name, &p->inner_is, 1);
    return t;
}

/* The kink of row f: of the whole derivation, or of a part of it, which then is named. */
static void kink_words(page *g, const step *s)
{
    gradus_ctx *ctx = g->ctx;
    term p = explain_binding(s, "p"), l = explain_binding(s, "l"), r = explain_binding(s, "r");
    const step *row = s->parent;
    strbuf b;
    if (!p || !row || !term_is(ctx, row->before, OP_DERIV)) return;
    bool part = row->parent && row->parent->kind == STEP_RULE;
    strbuf_init(&b, ctx);
    if (part) {
        explain_term(&b, ctx, term_arg(ctx, row->before, 0), g->sheet.form);
        strbuf_add(&b, " has ");
    }
    bool point = term_is(ctx, p, OP_REL) && term_is_num(ctx, term_arg(ctx, p, 1));
    strbuf_add(&b, point ? "no derivative at " : "no derivative where ");
    explain_condition(&b, ctx, p, g->sheet.form);
    if (l && r && l == r) strbuf_add(&b, ": a jump");
    if (l && r && l != r) {
        strbuf_add(&b, ": slope ");
        explain_term(&b, ctx, l, g->sheet.form);
        strbuf_add(&b, " from the left, ");
        explain_term(&b, ctx, r, g->sheet.form);
        strbuf_add(&b, " from the right");
    }
    if (point) {
        term u = term_arg(ctx, p, 0), v = term_arg(ctx, p, 1), taken = term_subst(ctx, s->after, &u, &v, 1);
        strbuf_add(&b, "; Gradus takes ");
        explain_term(&b, ctx, taken, g->sheet.form);
        strbuf_add(&b, " there");
    }
    words(g, strbuf_str(&b));
    strbuf_clear(&b);
}

static void condition_words(page *g, const step *s)
{
    strbuf b;
    term cond = outside_names(g->ctx, s, s->cond);
    if (!cond || !term_is(g->ctx, cond, OP_REL)) return;
    strbuf_init(&b, g->ctx);
    strbuf_add(&b, "for ");
    explain_condition(&b, g->ctx, cond, g->sheet.form);
    words(g, strbuf_str(&b));
    strbuf_clear(&b);
}

static bool needs_condition(const step *s)
{
    return s->cond && (is(s, "general-power") || is(s, "exponential") || is(s, "log-determinant"));
}

enum { MANY_REMARKS = 6 };

/* Conditions and kinks met on the way, in the order of the record, each once. */
static void closing(page *g, const step *root)
{
    term seen[MANY_REMARKS];
    unsigned n = 0;
    for (const step *s = root; s && n < MANY_REMARKS;) {
        bool kink = s->kind == STEP_REWRITE && is(s, "kink");
        term what = kink ? explain_binding(s, "p") : needs_condition(s) ? s->cond : TERM_NONE;
        bool old = !what;
        for (unsigned i = 0; i < n && !old; i++) old = seen[i] == what;
        if (!old) {
            seen[n++] = what;
            if (kink) kink_words(g, s);
            else condition_words(g, s);
        }
        const step *next = s->kind == STEP_TASK ? NULL : s->sub;
        while (!next && s != root) {
            next = s->next;
            if (!next) s = s->parent;
        }
        if (!next && s == root) break;
        s = next;
    }
}

/* ---- a derivation -------------------------------------------------------------------------------- */

/* The rewrite "simplify" that follows directly. */
static const step *simplified_next(const step *s)
{
    const step *n = s->next;
    return n && n->kind == STEP_REWRITE && is(n, "simplify") ? n : NULL;
}

/* One equation: readings, the rule that applies, then the rewrites. */
static void equation(page *g, const step *s)
{
    g->board.lines = 0;
    g->board.last = TERM_NONE;
    g->board.letters = 0;
    heading(g, s->before);
    bool simplifying = false, derived = false;
    for (const step *c = s->sub; c; c = c->next) {
        if (c->kind == STEP_RULE) {
            board_derive(&g->board, c, simplified_next(c));
            derived = true;
        } else if (c->kind == STEP_REWRITE && explain_binding(c, "matrix")) {
            say_matrix(g, c);
        } else if (c->kind == STEP_REWRITE && !derived && c->before != c->after) {
            board_say(&g->board, c->before, c->after, "simplified before anything is derived", 0);
        } else if (c->kind == STEP_REWRITE && changes_what_is_seen(g, c)) {
            if (!simplifying && derived && g->level != EXPLAIN_BRIEF) words(g, "now simplify");
            simplifying = true;
            rewrite_line(g, c);
        }
    }
    if (!g->board.lines && s->after) board_line(&g->board, s->after, "", 0);
    if (g->level != EXPLAIN_BRIEF) closing(g, s);
    sheet_flush(&g->sheet);
}

static bool is_equation(const step *s)
{
    bool parts = false;
    for (const step *c = s->sub; c; c = c->next) {
        if (c->kind == STEP_RULE) return true;
        parts |= c->kind != STEP_REWRITE;
    }
    return !parts;
}

/* Both sides of an equation derived: how they are solved for dy/dx. */
static void implicit_end(page *g, const step *s)
{
    strbuf b, reason;
    if (!s->shown) return;
    strbuf_init(&b, g->ctx);
    strbuf_init(&reason, g->ctx);
    explain_fill(&reason, g->ctx, s, "both sides; {y} depends on {x}: each {y} brings a factor",
                 g->sheet.form);
    if (term_is(g->ctx, s->shown, OP_REL)) {
        text_print(&b, g->ctx, term_arg(g->ctx, s->shown, 0), g->sheet.form);
        strbuf_add(&b, " = ");
        text_print(&b, g->ctx, term_arg(g->ctx, s->shown, 1), g->sheet.form);
        sheet_add(&g->sheet, LINE_SAY, 0, strbuf_str(&b), strbuf_str(&reason));
    }
    term y = explain_binding(s, "y"), x = explain_binding(s, "x");
    const uint32_t one = 1;
    reason.n = 0;
    strbuf_add(&reason, "solved");
    if (s->cond) {
        strbuf_add(&reason, ", where ");
        explain_condition(&reason, g->ctx, s->cond, g->sheet.form);
    }
    if (y && x) board_say(&g->board, term_deriv(g->ctx, y, &x, &one, 1), s->after, strbuf_str(&reason), 0);
    sheet_flush(&g->sheet);
    strbuf_clear(&b);
    strbuf_clear(&reason);
}

/* What is held fixed while one partial derivative is taken. */
static void partial_head(page *g, const step *s)
{
    strbuf b;
    bool any = false;
    strbuf_init(&b, g->ctx);
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strcmp(s->bind[i].name, "y") == 0) {
            strbuf_add(&b, any ? ", " : "");
            explain_term(&b, g->ctx, s->bind[i].value, g->sheet.form);
            any = true;
        }
    if (any) {
        strbuf_add(&b, " held fixed:");
        words(g, strbuf_str(&b));
    }
    strbuf_clear(&b);
}

/* grad . v, written out. */
static void direction_end(page *g, const step *s)
{
    gradus_ctx *ctx = g->ctx;
    term v = explain_binding(s, "v"), grad = s->sub ? s->sub->after : TERM_NONE, sum[16];
    if (!v || !grad || !term_is(ctx, grad, OP_TUPLE) || !term_is(ctx, v, OP_TUPLE)) return;
    uint32_t n = term_argc(ctx, grad);
    for (uint32_t i = 0; i < n && i < 16; i++)
        sum[i] = term_raw_mul(ctx, (term[]){term_arg(ctx, grad, i), term_arg(ctx, v, i)}, NULL, 2);
    strbuf b;
    strbuf_init(&b, ctx);
    strbuf_add(&b, g->sheet.form == FORM_LATEX ? "\\text{along }" : "along ");
    text_print(&b, ctx, v, g->sheet.form);
    strbuf_add(&b, g->sheet.form == FORM_LATEX ? ":\\quad " : ": ");
    if (n <= 16) {
        text_print(&b, ctx, show_flat(ctx, term_raw_add(ctx, NULL, sum, n)), g->sheet.form);
        strbuf_add(&b, " = ");
    }
    text_print(&b, ctx, s->after, g->sheet.form);
    sheet_add(&g->sheet, LINE_SAY, 0, strbuf_str(&b), "each partial times its entry of the direction");
    sheet_flush(&g->sheet);
    strbuf_clear(&b);
}

/* The whole after its parts: the gradient as a vector, the derived equation solved. */
static void whole_end(page *g, const step *s)
{
    strbuf b;
    if (is(s, "implicit") && s->kind == STEP_CHAIN) implicit_end(g, s);
    if (is(s, "direction")) direction_end(g, s);
    if (!s->after || !term_is(g->ctx, s->after, OP_TUPLE)) return;
    if (!is(s, "gradient") && !is(s, "hessian") && !is(s, "jacobian")) return;
    strbuf_init(&b, g->ctx);
    strbuf_printf(&b, "%s ", s->rule);
    text_print(&b, g->ctx, s->after, g->sheet.form == FORM_LATEX ? FORM_TEXT : g->sheet.form);
    if (g->sheet.form != FORM_LATEX) words(g, strbuf_str(&b));
    else board_say(&g->board, s->before, s->after, s->rule, 0);
    sheet_flush(&g->sheet);
    strbuf_clear(&b);
}

/* A rewrite that stands between whole derivations. */
static void between(page *g, const step *s)
{
    if (explain_binding(s, "matrix")) say_matrix(g, s);
    else rewrite_line(g, s);
    sheet_flush(&g->sheet);
}

/* Chains of chains (gradient, higher order) are one equation after the other; the nesting is at most a few
 * deep, walked by parent links. Other ways to the same answer are left to who asks for them. */
static void chains(page *g, const step *root)
{
    const step *s = root;
    for (;;) {
        if (s->kind == STEP_REWRITE && s != root) {
            between(g, s);
        } else if (!is(s, "alternative")) {
            if (!is_equation(s)) {
                if (is(s, "partial")) partial_head(g, s);
                s = s->sub;
                continue;
            }
            equation(g, s);
        }
        while (s != root && !s->next) {
            s = s->parent;
            whole_end(g, s);
        }
        if (s == root) return;
        s = s->next;
    }
}

void explain_page(strbuf *out, gradus_ctx *ctx, const step *root, explain_level level, text_form form,
                  unsigned width)
{
    page g = {.ctx = ctx, .level = level};
    g.sheet = (sheet){.ctx = ctx, .out = out, .form = form, .width = width ? width : 100};
    g.board = (board){.ctx = ctx, .sheet = &g.sheet, .level = level};
    if (root) chains(&g, root);
    sheet_flush(&g.sheet);
    board_clear(&g.board);
    sheet_clear(&g.sheet);
}
