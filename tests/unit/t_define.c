/* Definitions, recurrences, declarations, variables: what they enter, and what is refused. */
#include "support/cm.h"
#include "support/reading.h"

typedef struct define_row {
    const char *text, *expect; /* "" accepted; "!" and words otherwise */
} define_row;

static gradus_status define(gradus_ctx *ctx, const char *s)
{
    return text_define(ctx, s, strlen(s), TEXT_PLAIN, NULL);
}

static const sym_info *info(gradus_ctx *ctx, const char *name)
{
    return term_sym_info(ctx, term_sym(ctx, name, strlen(name)));
}

static void shown_rule(gradus_ctx *ctx, const char *name, uint32_t rule, char *out, size_t size)
{
    const sym_rule *r = &info(ctx, name)->rules[rule];
    strbuf b;
    strbuf_init(&b, ctx);
    for (uint32_t k = 0; k < r->n; k++) {
        strbuf_addc(&b, '[');
        text_print(&b, ctx, r->index[k], FORM_TEXT);
        if (r->hi[k]) {
            strbuf_add(&b, "=");
            text_print(&b, ctx, r->lo[k], FORM_TEXT);
            strbuf_add(&b, "..");
            text_print(&b, ctx, r->hi[k], FORM_TEXT);
        }
        strbuf_addc(&b, ']');
    }
    strbuf_add(&b, r->downward ? " down: " : ": ");
    text_print(&b, ctx, r->body, FORM_TEXT);
    snprintf(out, size, "%s", strbuf_str(&b));
    strbuf_clear(&b);
}

static void definitions_are_entered(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    char s[400];
    assert_true(term_room_init(ctx));
    assert_int_equal(define(ctx, "S(z) = 1/(1 + e^(-z))"), GRADUS_OK);
    assert_int_equal(info(ctx, "S")->role, ROLE_FUNCTION);
    assert_int_equal(info(ctx, "S")->rank, 1);
    assert_int_equal(define(ctx, "z[i] = sum[j](w[j]*X[i,j]) + b;; L = mean[i](S(z[i]))"), GRADUS_OK);
    shown_rule(ctx, "z", 0, s, sizeof s);
    assert_string_equal(s, "[i=1..size(X, 1)]: sum[j](w[j]*X[i,j]) + b");
    shown_rule(ctx, "L", 0, s, sizeof s);
    assert_string_equal(s, ": mean[i](S(z[i]))");
    assert_int_equal(define(ctx, "h[0] = 1\nh[t] = 2*h[t-1] for t = 1..5"), GRADUS_OK);
    assert_int_equal(info(ctx, "h")->rule_count, 2);
    assert_true(info(ctx, "h")->recursive);
    shown_rule(ctx, "h", 1, s, sizeof s);
    assert_string_equal(s, "[t=1..5]: 2*h[t-1]");
    assert_int_equal(define(ctx, "g[T+1] = 0;; g[t] = 1 + g[t+1] for t = T..1"), GRADUS_OK);
    shown_rule(ctx, "g", 1, s, sizeof s);
    assert_string_equal(s, "[t=1..T] down: 1 + g[t+1]");
    /* saying it again starts anew */
    assert_int_equal(define(ctx, "h[0] = 3"), GRADUS_OK);
    assert_int_equal(info(ctx, "h")->rule_count, 1);
    /* an array by matrix notation */
    assert_int_equal(text_declare(ctx, "A[i=1..n, j=1..m], u[j=1..m]", 28), GRADUS_OK);
    assert_int_equal(define(ctx, "r = A*u"), GRADUS_OK);
    assert_int_equal(info(ctx, "r")->rank, 1);
    shown_rule(ctx, "r", 0, s, sizeof s);
    assert_string_equal(s, "[i=1..n]: sum[k](A[i,k]*u[k])");
    ctx_free(ctx);
}

static void bad_definitions_are_refused(void **state)
{
    (void)state;
    static const define_row rows[] = {
        {"h[t] = h[t+1] for t = 1..5", "!h[t+1] looks forward"},
        {"h[t] = h[t-1] for t = 5..1", "!h[t-1] looks forward"},
        {"h[t] = h[t] + 1 for t = 1..5", "!defined by itself"},
        {"L = L + 1", "!defined by itself"},
        {"f(x) = f(x - 1)", "!defined by itself"},
        {"x + 1", "!needs `=`"},
        {"x == 1", "!not =="},
        {"x + 1 = 2", "!not something that can be defined"},
        {"pi = 3", "!fixed meaning"},
        {"sum = 3", "!fixed meaning"},
        {"f(x, x) = 1", "!stands twice"},
        {"a[i,i] = 1", "!stands twice"},
        {"f(2) = 1", "!no name"},
        {"v = 3", "!holds data"},
        {"z[i] = v[i] for t = 1..3", "!no index of"},
        {"L = x for t = 1..3", "!needs an index"},
        {"h[t] = h[t-1] for t = 1..", "!upper end"},
        {"h[t] = h[t-1] for t = 1..3 until x > 0", "!until"},
        {"z[i] = v", "!one entry"},
        {"z[i] = v[i]*u[i]", "!size 3|size 2"},
        {"q[a,b] = 1;; q[a] = 2", "!has been defined with 2 indices"},
    };
    double v[] = {1, 2, 3};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[1000];
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        assert_true(term_room_init(ctx));
        term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
        term_sym_bind(ctx, term_sym(ctx, "u", 1), 1, (int64_t[]){2}, v);
        assert_int_not_equal(define(ctx, rows[i].text), GRADUS_OK);
        reading_shown(ctx, TERM_NONE, shown, sizeof shown);
        if (!reading_fits(shown, rows[i].expect)) printf("%s\n    %s\n", rows[i].text, shown);
        assert_true(reading_fits(shown, rows[i].expect));
        ctx_free(ctx);
    }
}

/* A use of the name later says why there is no definition, until there is one. */
static void a_refused_definition_is_remembered(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    assert_int_equal(define(ctx, "h[0] = 1"), GRADUS_OK);
    assert_int_not_equal(define(ctx, "h[t] = h[t+1] for t = 1..5"), GRADUS_OK);
    ctx_begin(ctx);
    assert_true(text_parse(ctx, "h[3]", 4, TEXT_PLAIN) == TERM_NONE);
    assert_non_null(strstr(diag_first_error(ctx)->message, "h[t+1]"));
    ctx_begin(ctx);
    assert_int_equal(define(ctx, "h[t] = h[t-1] for t = 1..5"), GRADUS_OK);
    assert_true(text_parse(ctx, "h[3]", 4, TEXT_PLAIN) != TERM_NONE);
    assert_int_not_equal(define(ctx, "k[t] = k[t+1] for t = 1..5"), GRADUS_OK);
    ctx_begin(ctx);
    text_reset(ctx);
    assert_true(text_parse(ctx, "k[3]", 4, TEXT_PLAIN) != TERM_NONE);
    ctx_free(ctx);
}

static void declarations_give_symbolic_sizes(void **state)
{
    (void)state;
    static const char *const s = "X[i=1..n, j=1..p], y[i=1..n]:class, b, c:C, f(x, y)";
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    assert_int_equal(text_declare(ctx, s, strlen(s)), GRADUS_OK);
    assert_int_equal(info(ctx, "X")->rank, 2);
    assert_true(info(ctx, "X")->axis_hi[1] == term_find_sym(ctx, "p", 1));
    assert_true(info(ctx, "y")->integer);
    assert_int_equal(info(ctx, "b")->rank, 0);
    assert_int_equal(info(ctx, "c")->role, ROLE_INDEX);
    assert_true(info(ctx, "c")->hi == term_find_sym(ctx, "C", 1));
    assert_int_equal(info(ctx, "f")->role, ROLE_FUNCTION);
    static const reading_row rows[] = {
        {"sum[i](y[i])", "sum[i](y[i])"},
        {"X^T*y", "array[i](sum[k](X[k,i]*y[k]))"},
        {"f(1, 2)", "f(1, 2)"},
        {"f(1)", "!takes 2 arguments"},
    };
    READ(ctx, rows, TEXT_PLAIN);
    assert_int_not_equal(text_declare(ctx, "x + 1", 5), GRADUS_OK);
    ctx_free(ctx);
}

static void variables_are_names_and_elements(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"x", "x"},
        {"w[k]", "w[k]"},
        {"X[a,b]", "X[a,b]"},
        {"w", "w"},
        {"x + 1", "!no variable"},
        {"pi", "!constant"},
        {"2", "!no variable"},
        {"", "!empty"},
        {"w[", "!not closed"},
    };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[1000];
        ctx_begin(ctx);
        term t = text_parse_variable(ctx, rows[i].input, strlen(rows[i].input));
        assert_true(reading_fits(reading_shown(ctx, t, shown, sizeof shown), rows[i].expect));
    }
    ctx_begin(ctx);
    /* a new index letter is a free index with the array's range */
    const sym_info *k = info(ctx, "k");
    assert_int_equal(k->role, ROLE_INDEX);
    assert_true(k->hi != TERM_NONE);
    ctx_free(ctx);
}

static void a_block_ends_in_an_expression(void **state)
{
    (void)state;
    static const char *const s = "g[T+1] = 0 ;; g[t] = a*g[t+1] + 1 for t = T..1 ;; sum[t=1..T](g[t])";
    char shown[400];
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    term t = text_parse_block(ctx, s, strlen(s), TEXT_PLAIN);
    assert_string_equal(reading_shown(ctx, t, shown, sizeof shown), "sum[t](g[t])");
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_are_entered),
        cmocka_unit_test(bad_definitions_are_refused),
        cmocka_unit_test(a_refused_definition_is_remembered),
        cmocka_unit_test(declarations_give_symbolic_sizes),
        cmocka_unit_test(variables_are_names_and_elements),
        cmocka_unit_test(a_block_ends_in_an_expression),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
