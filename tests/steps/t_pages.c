/* Pages tell the truth: every line "= ..." of a derivation is read back and must be the derivative; every
 * statement "a = b" must hold. Formulas: steps.tsv and scalar.tsv. The reader, diff and prove are the second
 * road. */
#include "support/cm.h"

#include "diff/diff.h"
#include "explain/explain.h"
#include "prove/prove.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE = 100, MANY_NAMES = 64 };

typedef struct reading {
    gradus_ctx *ctx;
    term name[MANY_NAMES], is[MANY_NAMES]; /* inner functions by name, in order of their naming */
    uint32_t names;
    term x, whole, aside[32]; /* what the lines of the main chain and of side calculations must equal */
    size_t depth;             /* side calculations that are open */
    int lines, equal, unknown, unread, wrong;
} reading;

static char *next_field(char **at)
{
    char *start = *at, *tab = start + strcspn(start, "\t\n");
    *at = *tab ? tab + 1 : tab;
    *tab = 0;
    return start;
}

static FILE *open_data(const char *name)
{
    char path[4096];
    const char *dir = getenv("GRADUS_DATA");
    snprintf(path, sizeof path, "%s/%s", dir ? dir : "data", name);
    FILE *in = fopen(path, "r");
    if (!in) fail_msg("cannot open %s", path);
    return in;
}

static term parse(gradus_ctx *ctx, const char *s, size_t n)
{
    ctx_begin(ctx);
    term t = text_parse(ctx, s, n, TEXT_PLAIN);
    return ctx_status(ctx) == GRADUS_OK ? t : TERM_NONE;
}

/* "inner g = 1 + e^(-x)" and the like in a reason. */
static void note_names(reading *r, const char *reason)
{
    for (const char *p = reason; (p = strstr(p, "inner ")) != NULL && r->names < MANY_NAMES;) {
        p += 6;
        const char *eq = strstr(p, " = "), *end = eq ? strstr(eq, "; ") : NULL;
        if (!eq) return;
        size_t n = end ? (size_t)(end - eq - 3) : strlen(eq + 3);
        if (n && eq[2 + n] == ';') n--;
        term name = term_sym(r->ctx, p, (size_t)(eq - p)), is = parse(r->ctx, eq + 3, n);
        if (name && is) {
            for (uint32_t i = 0; i < r->names; i++) /* a name used again stands for the new one */
                if (r->name[i] == name) r->name[i] = TERM_NONE;
            r->name[r->names] = name;
            r->is[r->names++] = is;
        }
    }
}

/* Derivatives taken, inner functions put back, the latest first. */
static term settled(reading *r, term t)
{
    ctx_begin(r->ctx);
    t = diff_resolve(r->ctx, t);
    for (uint32_t i = r->names; i-- > 0 && t;)
        if (r->name[i]) t = term_subst(r->ctx, t, &r->name[i], &r->is[i], 1);
    t = t ? diff_resolve(r->ctx, t) : TERM_NONE;
    return t ? term_unfold(r->ctx, t) : TERM_NONE;
}

static void compare(reading *r, const char *formula, const char *what, term a, term b)
{
    prove_result p = {0};
    arena mem;
    a = a ? settled(r, a) : TERM_NONE;
    b = b ? settled(r, b) : TERM_NONE;
    r->lines++;
    if (!a || !b || ctx_status(r->ctx) != GRADUS_OK) {
        r->unread++;
        return;
    }
    arena_init(&mem, r->ctx);
    if (prove_equal(r->ctx, a, b, NULL, 0, &mem, &p) != GRADUS_OK || p.equal == GRADUS_UNKNOWN) {
        r->unknown++;
    } else if (p.equal == GRADUS_YES) {
        r->equal++;
    } else if (!p.left) {
        r->unread++; /* d/dW[k,l] read back is an array over k and l */
    } else {
        r->wrong++;
        print_message("%s: the line `%s` is not equal to what it should be: %s against %s (%s)\n", formula,
                      what, p.left ? p.left : "?", p.right ? p.right : "?", p.how);
    }
    vec_clear(r->ctx, &p.conditions);
    arena_clear(&mem);
}

/* One line of the page: what it says, up to the reason. */
static void read_line(reading *r, const char *formula, char *line)
{
    size_t indent = strspn(line, " ");
    char *text = line + indent, *reason = strstr(text, "   ");
    size_t depth = (indent - 2) / 3;
    bool equation = text[0] == '=' && text[1] == ' ';
    if (!*text || indent < 2 || (indent - 2) % 3 || depth > r->depth) { /* a reason that went on */
        note_names(r, line);
        return;
    }
    r->depth = depth;
    if (text[0] >= 'A' && text[0] <= 'Z' && text[1] == ' ' && text[2] == ' ') {
        r->depth = depth + 1 < 32 ? depth + 1 : 31;
        r->aside[r->depth] = parse(r->ctx, text + 3, strlen(text + 3));
        return;
    }
    if (reason) {
        *reason = 0;
        note_names(r, reason + 1);
    }
    if (equation) {
        compare(r, formula, text, parse(r->ctx, text + 2, strlen(text + 2)),
                depth ? r->aside[depth] : r->whole);
        return;
    }
    const char *eq = strstr(text, " = ");
    bool words = strstr(text, "slope ") || strstr(text, "no derivative") || strstr(text, "call it") ||
                 strstr(text, "matrix form");
    if (eq && !words && strncmp(text, "for ", 4) != 0 && text[0] != 'y' && strncmp(text, "ln(y)", 5) != 0 &&
        !strstr(text, "dh_d"))
        compare(r, formula, text, parse(r->ctx, text, (size_t)(eq - text)),
                parse(r->ctx, eq + 3, strlen(eq + 3)));
}

/* A reason may begin on the next line: names are read before their line is. */
static void read_page(reading *r, const char *formula, char *page)
{
    for (char *line = page; *line;) {
        char *end = line + strcspn(line, "\n"), *next = *end ? end + 1 : end;
        *end = 0;
        for (char *more = next; strncmp(more, "        ", 8) == 0;) {
            char *stop = more + strcspn(more, "\n"), keep = *stop;
            *stop = 0;
            note_names(r, more);
            *stop = keep;
            more = keep ? stop + 1 : stop;
        }
        read_line(r, formula, line);
        line = next;
    }
}

typedef struct totals {
    int pages, lines, equal, unknown, unread, wrong;
} totals;

static void check_page(totals *all, const char *declare, const char *define, const char *expr,
                       const char *wrt, const char *method, explain_level level)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(ctx && term_room_init(ctx));
    ctx_begin(ctx);
    term sym;
    if (*declare) text_declare(ctx, declare, strlen(declare));
    if (*define) text_define(ctx, define, strlen(define), TEXT_PLAIN, &sym);
    reading r = {.ctx = ctx};
    term f = text_parse(ctx, expr, strlen(expr), TEXT_PLAIN);
    r.x = text_parse_variable(ctx, wrt, strlen(wrt));
    if (ctx_status(ctx) == GRADUS_OK) {
        step_log log;
        diff_options opt = {.unfold = true, .method = method};
        step_log_init(&log, ctx);
        r.whole = diff_by(ctx, f, r.x, &opt, &log);
        if (r.whole) {
            strbuf page;
            strbuf_init(&page, ctx);
            explain_page(&page, ctx, log.root, level, FORM_TEXT, WIDE);
            assert_int_equal(ctx_status(ctx), GRADUS_OK);
            read_page(&r, expr, page.at);
            all->pages++;
            strbuf_clear(&page);
        }
        step_log_clear(&log);
    }
    all->lines += r.lines;
    all->equal += r.equal;
    all->unknown += r.unknown;
    all->unread += r.unread;
    all->wrong += r.wrong;
    ctx_free(ctx);
}

static void report(const char *name, const totals *t)
{
    print_message("%s: %d pages, %d lines: %d proved, %d undecided, %d not read back\n", name, t->pages,
                  t->lines, t->equal, t->unknown, t->unread);
}

static void all_rows(explain_level level, totals *t)
{
    FILE *in = open_data("steps.tsv");
    char line[4096];
    while (fgets(line, sizeof line, in)) {
        char *at = line;
        if (line[0] == '#' || line[0] == '\n') continue;
        char *kind = next_field(&at), *declare = next_field(&at), *define = next_field(&at),
             *expr = next_field(&at), *wrt = next_field(&at), *order = next_field(&at);
        bool method = strncmp(kind, "method ", 7) == 0;
        if ((method || strcmp(kind, "diff") == 0) && strcmp(order, "1") == 0)
            check_page(t, declare, define, expr, wrt, method ? kind + 7 : NULL, level);
    }
    fclose(in);
}

static void every_line_is_the_derivative(void **state)
{
    (void)state;
    static const struct {
        explain_level level;
        const char *name;
    } levels[] = {{EXPLAIN_BRIEF, "brief"}, {EXPLAIN_FULL, "full"}, {EXPLAIN_ATOMIC, "atomic"}};
    for (size_t i = 0; i < 3; i++) {
        totals t = {0};
        all_rows(levels[i].level, &t);
        report(levels[i].name, &t);
        assert_true(t.pages > 120);
        assert_int_equal(t.wrong, 0);
        assert_true(t.equal > t.lines * 85 / 100);
    }
}

static void every_line_of_plain_formulas_is_the_derivative(void **state)
{
    (void)state;
    FILE *in = open_data("scalar.tsv");
    static char line[200000];
    totals t = {0};
    assert_non_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in)) {
        char *at = line;
        next_field(&at), next_field(&at);
        char *expr = next_field(&at), *wrt = next_field(&at), *order = next_field(&at);
        if (strcmp(order, "1") == 0 && strlen(expr) < 60 && *wrt)
            check_page(&t, "", "", expr, wrt, NULL, EXPLAIN_FULL);
    }
    fclose(in);
    report("scalar", &t);
    assert_true(t.pages > 500);
    assert_int_equal(t.wrong, 0);
    assert_true(t.equal > t.lines * 85 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_the_derivative),
        cmocka_unit_test(every_line_of_plain_formulas_is_the_derivative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
