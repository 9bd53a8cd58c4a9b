/* Records and their checker: what diff writes down passes; a record with one field broken does not.
 * Corpora: steps.tsv (worked derivations of every rule) and the formulas of scalar.tsv. */
#include "support/cm.h"

#include "diff/diff.h"
#include "prove/prove.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one derivation ------------------------------------------------------------------------------ */

typedef struct row {
    char *kind, *declare, *define, *expr, *wrt, *order;
} row;

typedef struct derivation {
    gradus_ctx *ctx;
    step_log log;
    term result;
} derivation;

static gradus_truth by_proof(void *user, gradus_ctx *ctx, term a, term b)
{
    (void)user;
    arena mem;
    prove_result r;
    arena_init(&mem, ctx);
    gradus_truth equal = prove_equal(ctx, a, b, NULL, 0, &mem, &r) == GRADUS_OK ? r.equal : GRADUS_UNKNOWN;
    vec_clear(ctx, &r.conditions);
    arena_clear(&mem);
    return equal;
}

static gradus_status check(derivation *d, const step **bad, const char **why)
{
    return step_check_with(d->ctx, d->log.root, by_proof, NULL, bad, why);
}

/* The row's derivation with its record; false: it is refused. */
static bool derive(derivation *d, const row *r)
{
    gradus_ctx *ctx = d->ctx = ctx_new(NULL, NULL);
    assert_non_null(ctx);
    assert_true(term_room_init(ctx));
    ctx_begin(ctx);
    term sym, x[8], out[64], v[8];
    uint32_t n = 0;
    if (*r->declare) text_declare(ctx, r->declare, strlen(r->declare));
    if (*r->define) text_define(ctx, r->define, strlen(r->define), TEXT_PLAIN, &sym);
    term f = text_parse(ctx, r->expr, strlen(r->expr), TEXT_PLAIN);
    char names[64];
    snprintf(names, sizeof names, "%s", r->wrt);
    for (char *at = strtok(names, " "); at && n < 8; at = strtok(NULL, " "))
        x[n++] = text_parse_variable(ctx, at, strlen(at));
    if (n == 0 || ctx_status(ctx) != GRADUS_OK) return false;
    step_log_init(&d->log, ctx);
    d->result = TERM_NONE;
    if (strcmp(r->kind, "diff") == 0) {
        d->result = diff_order(ctx, f, x[0], (uint32_t)atoi(r->order), NULL, &d->log);
    } else if (strncmp(r->kind, "method ", 7) == 0) {
        diff_options opt = {.unfold = true, .method = r->kind + 7};
        d->result = diff_by(ctx, f, x[0], &opt, &d->log);
    } else if (strcmp(r->kind, "gradient") == 0) {
        if (diff_partials(ctx, diff_resolve(ctx, f), x, n, out, &d->log) == GRADUS_OK)
            d->result = term_tuple(ctx, out, n);
    } else if (strcmp(r->kind, "hessian") == 0) {
        if (diff_hessian(ctx, diff_resolve(ctx, f), x, n, out, &d->log) == GRADUS_OK)
            d->result = d->log.root->after;
    } else if (strcmp(r->kind, "jacobian") == 0) {
        if (diff_jacobian(ctx, term_args(ctx, f), term_argc(ctx, f), x, n, out, &d->log) == GRADUS_OK)
            d->result = d->log.root->after;
    } else if (strncmp(r->kind, "direction ", 10) == 0) {
        snprintf(names, sizeof names, "%s", r->kind + 10);
        n = 0;
        for (char *at = strtok(names, ","); at && n < 8; at = strtok(NULL, ","))
            v[n++] = term_canon(ctx, text_parse(ctx, at, strlen(at), TEXT_PLAIN));
        d->result = diff_directional(ctx, diff_resolve(ctx, f), x, v, n, &d->log);
    } else if (strcmp(r->kind, "implicit") == 0) {
        d->result = diff_implicit(ctx, diff_resolve(ctx, f), x[0], x[1], &d->log);
    } else {
        fail_msg("unknown kind %s", r->kind);
    }
    return d->result != TERM_NONE && ctx_status(ctx) == GRADUS_OK;
}

static void finish(derivation *d)
{
    if (d->log.ctx) step_log_clear(&d->log);
    ctx_free(d->ctx);
    memset(d, 0, sizeof *d);
}

static void print_term(const char *what, gradus_ctx *ctx, term t)
{
    strbuf b;
    if (!t) return;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, t, FORM_TEXT);
    print_message("    %s %s\n", what, strbuf_str(&b));
    strbuf_clear(&b);
}

static void print_step(derivation *d, const step *s, const char *why)
{
    print_message("    step %s: %s\n", s ? s->rule : "-", why ? why : "-");
    if (!s) return;
    ctx_begin(d->ctx);
    print_term("before", d->ctx, s->before);
    print_term("shown ", d->ctx, s->shown);
    print_term("after ", d->ctx, s->after);
}

/* ---- corpora ------------------------------------------------------------------------------------- */

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

static bool next_row(FILE *in, char *line, int size, row *r)
{
    while (fgets(line, size, in)) {
        if (line[0] == '#' || line[0] == '\n') continue;
        char *at = line;
        char **const field[] = {&r->kind, &r->declare, &r->define, &r->expr, &r->wrt, &r->order};
        for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) *field[i] = next_field(&at);
        return true;
    }
    return false;
}

/* ---- which rules occur --------------------------------------------------------------------------- */

/* Rules of rules.def that diff writes down. Left out: what only api, explain or a later method uses. */
static const char *const emitted[] = {
    "derivative",
    "constant",
    "identity",
    "linear",
    "constant-multiple",
    "sum",
    "product",
    "quotient",
    "power",
    "rewrite",
    "exponential",
    "exp",
    "general-power",
    "chain",
    "total",
    "prime",
    "cases",
    "kink",
    "extremum",
    "bracket",
    "partial",
    "gradient",
    "jacobian",
    "hessian",
    "direction",
    "implicit",
    "sum-index",
    "entry",
    "delta",
    "rename-index",
    "product-index",
    "gather",
    "logsumexp",
    "elementwise",
    "determinant",
    "log-determinant",
    "inverse-matrix",
    "recurrence",
    "simplify",
    "fold",
    "unfold",
    "sin",
    "ln",
    "add-zero",
    "split-fraction",
    "limit-definition",
    "expand",
    "cancel",
    "conjugate",
    "limit",
    "alternative",
};
static bool occurs[sizeof emitted / sizeof emitted[0]];

static void note_rules(const step *root)
{
    const step *s = root;
    while (s) {
        for (size_t i = 0; i < sizeof emitted / sizeof emitted[0]; i++)
            if (strcmp(emitted[i], s->rule) == 0) occurs[i] = true;
        if (s->sub) {
            s = s->sub;
            continue;
        }
        while (s != root && !s->next) s = s->parent;
        s = s == root ? NULL : s->next;
    }
}

static void records_pass(void **state)
{
    (void)state;
    FILE *in = open_data("steps.tsv");
    char line[4096];
    row r;
    int rejected = 0, refused = 0, count = 0;
    while (next_row(in, line, sizeof line, &r)) {
        derivation d = {0};
        const step *bad;
        const char *why;
        count++;
        if (!derive(&d, &r)) {
            const diag *e = diag_first_error(d.ctx);
            print_message("  %s by %s is refused: %s\n", r.expr, r.wrt, e ? e->message : "?");
            refused++;
        } else if (check(&d, &bad, &why) != GRADUS_OK) {
            print_message("  %s %s by %s\n", r.define, r.expr, r.wrt);
            print_step(&d, bad, why);
            rejected++;
        } else {
            note_rules(d.log.root);
            if (strcmp(r.kind, "diff") == 0) assert_int_equal(d.log.root->after, d.result);
        }
        finish(&d);
    }
    fclose(in);
    print_message("%d derivations\n", count);
    assert_true(count > 150);
    assert_int_equal(refused, 0);
    assert_int_equal(rejected, 0);
    for (size_t i = 0; i < sizeof emitted / sizeof emitted[0]; i++)
        if (!occurs[i]) fail_msg("no derivation uses rule %s", emitted[i]);
}

/* Every formula of scalar.tsv that has a derivative at all. */
static void records_of_plain_formulas_pass(void **state)
{
    (void)state;
    FILE *in = open_data("scalar.tsv");
    static char line[200000];
    int rejected = 0, derived = 0, count = 0;
    assert_non_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in)) {
        char *at = line;
        next_field(&at), next_field(&at);
        char *expr = next_field(&at), *wrt = next_field(&at), *order = next_field(&at), none[] = "",
             kind[] = "diff";
        row r = {kind, none, none, expr, wrt, order};
        derivation d = {0};
        const step *bad;
        const char *why;
        count++;
        if (derive(&d, &r)) {
            derived++;
            if (check(&d, &bad, &why) != GRADUS_OK) {
                print_message("  %s by %s\n", expr, wrt);
                print_step(&d, bad, why);
                rejected++;
            }
        }
        finish(&d);
    }
    fclose(in);
    print_message("%d formulas, %d derived, %d rejected\n", count, derived, rejected);
    assert_true(derived > count * 9 / 10);
    assert_int_equal(rejected, 0);
}

/* ---- broken records ------------------------------------------------------------------------------ */

static uint64_t random_state = 20191101;

static uint32_t draw(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % n);
}

typedef enum field {
    F_AFTER,
    F_BEFORE,
    F_SHOWN,
    F_BINDING,
    F_RULE,
    F_UNKNOWN_RULE,
    F_DROP,
    F_INNER,
    F_COND,
    F_COUNT
} field;
static const char *const field_name[] = {
    "after",        "before",           "shown",          "binding",  "rule",
    "unknown rule", "dropped sub-step", "inner function", "condition"};

/* t + 1, or another term where that makes no sense. */
static term other(gradus_ctx *ctx, term t)
{
    switch (term_get_op(ctx, t)) {
    case OP_ARRAY:
    case OP_TUPLE:
    case OP_REL:
    case OP_AND:
    case OP_OR:
    case OP_NOT:
    case OP_BOOL:
    case OP_SYM:
    case OP_DERIV: return term_sym(ctx, "another", 7);
    default: return term_raw_add(ctx, NULL, (term[]){t, term_int(ctx, 1)}, 2);
    }
}

/* D(t + x; x), or t + 1 for a rewrite. */
static term other_before(gradus_ctx *ctx, const step *s)
{
    if (!term_is(ctx, s->before, OP_DERIV) || s->kind == STEP_REWRITE) return other(ctx, s->before);
    term x = term_arg(ctx, s->before, 1), t = term_arg(ctx, s->before, 0);
    long order = 1;
    term_get_long(ctx, term_arg(ctx, s->before, 2), &order);
    const uint32_t o = (uint32_t)order;
    return term_deriv(ctx, term_raw_add(ctx, NULL, (term[]){t, x}, 2), &x, &o, 1);
}

static const char *other_rule(const step *s)
{
    static const char *const rules[] = {"sum",   "product", "quotient",  "power", "constant",    "identity",
                                        "chain", "cases",   "sum-index", "entry", "exponential", "bracket"};
    const char *r;
    do r = rules[draw(sizeof rules / sizeof rules[0])];
    while (strcmp(r, s->rule) == 0);
    return r;
}

/* Words are only said: a reading in matrix notation may be bound to anything. */
static bool only_words(const step *s)
{
    static const char *const keys[] = {
        "raise",       "norm",           "trace",        "matrix-product", "quadratic-form",
        "elementwise", "expand",         "cancel",       "conjugate",      "common-denominator",
        "add-zero",    "split-fraction", "rename-index", "delta",          "fold"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (s->kind == STEP_REWRITE && strcmp(s->rule, keys[i]) == 0) return true;
    return strcmp(s->rule, "partial") == 0 || strcmp(s->rule, "alternative") == 0;
}

/* Takes sub-step p out of s. */
static void unlink_sub(step *s, step *p)
{
    step **at = &s->sub, *last = NULL;
    while (*at != p) {
        last = *at;
        at = &(*at)->next;
    }
    *at = p->next;
    if (s->last_sub == p) s->last_sub = last;
}

/* Breaks one field; false: there is nothing to break. */
static bool break_field(gradus_ctx *ctx, step *s, field f)
{
    uint32_t k, n = 0;
    switch (f) {
    case F_AFTER: s->after = other(ctx, s->after); return true;
    case F_BEFORE: s->before = other_before(ctx, s); return true;
    case F_SHOWN:
        if (!s->shown || s->tag == STEP_REPEAT || s->kind != STEP_RULE) return false;
        s->shown = other(ctx, s->shown);
        return true;
    case F_BINDING:
        if (!s->bind_count || only_words(s)) return false;
        k = draw(s->bind_count);
        s->bind[k].value = other(ctx, s->bind[k].value);
        return true;
    case F_RULE:
        if (s->kind == STEP_REWRITE) return false;
        s->rule = other_rule(s);
        return true;
    case F_UNKNOWN_RULE: s->rule = "no-such-rule"; return true;
    case F_DROP:
        for (const step *p = s->sub; p; p = p->next)
            n += p->kind == STEP_RULE || p->kind == STEP_CHAIN; /* other ways may be left out */
        if (n == 0) return false;
        k = draw(n);
        for (step *p = s->sub; p; p = p->next)
            if ((p->kind == STEP_RULE || p->kind == STEP_CHAIN) && k-- == 0) {
                unlink_sub(s, p);
                return true;
            }
        return false;
    case F_INNER:
        if (!s->inner_is) return false;
        s->inner_is = other(ctx, s->inner_is);
        return true;
    case F_COND:
        if (!s->cond || strcmp(s->rule, "exponential") == 0) return false;
        s->cond = term_bool(ctx, true);
        return true;
    default: return false;
    }
}

typedef VEC(step *) step_vec;

static void all_steps(gradus_ctx *ctx, step *root, step_vec *out)
{
    assert_true(vec_push(ctx, out, root));
    for (size_t i = 0; i < out->n; i++)
        for (step *p = out->at[i]->sub; p; p = p->next) assert_true(vec_push(ctx, out, p));
}

/* Each formula: a few random steps, one field of each broken; the rest of the record stands as it was. */
static void broken_records_are_rejected(void **state)
{
    (void)state;
    enum { TRIES = 300 };
    FILE *in = open_data("steps.tsv");
    char line[4096];
    row r;
    int broken[F_COUNT] = {0}, passed = 0;
    while (next_row(in, line, sizeof line, &r)) {
        derivation d = {0};
        step_vec steps = {0};
        if (derive(&d, &r)) all_steps(d.ctx, d.log.root, &steps);
        for (int try = 0; try < TRIES && steps.n; try++) {
            step *s = steps.at[draw((uint32_t)steps.n)], saved = *s;
            field f = (field)draw(F_COUNT);
            step *last = s->last_sub, *before_last = s->sub;
            while (before_last && before_last->next != last) before_last = before_last->next;
            step **links = NULL;
            size_t count = 0;
            for (step *p = s->sub; p; p = p->next) count++;
            links = test_malloc((count + 1) * sizeof *links);
            count = 0;
            for (step *p = s->sub; p; p = p->next) links[count++] = p;
            ctx_begin(d.ctx);
            if (break_field(d.ctx, s, f)) {
                const step *bad;
                const char *why;
                broken[f]++;
                if (check(&d, &bad, &why) == GRADUS_OK) {
                    print_message("  %s: broken %s of %s passes\n", r.expr, field_name[f], saved.rule);
                    print_step(&d, &saved, "as it was");
                    print_step(&d, s, "broken");
                    passed++;
                }
            }
            *s = saved;
            for (size_t i = 0; i < count; i++) links[i]->next = i + 1 < count ? links[i + 1] : NULL;
            test_free(links);
        }
        if (steps.n) {
            const step *bad;
            const char *why;
            ctx_begin(d.ctx);
            assert_int_equal(check(&d, &bad, &why), GRADUS_OK); /* all is restored */
        }
        vec_clear(d.ctx, &steps);
        finish(&d);
    }
    fclose(in);
    for (int f = 0; f < F_COUNT; f++) {
        print_message("%-18s broken %d times\n", field_name[f], broken[f]);
        assert_true(broken[f] > 3);
    }
    assert_int_equal(passed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_pass),
        cmocka_unit_test(records_of_plain_formulas_pass),
        cmocka_unit_test(broken_records_are_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
