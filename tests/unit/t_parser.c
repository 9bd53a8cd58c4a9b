/* What is refused, where and with which mend; what is accepted with a note; inputs without end. */
#include "support/cm.h"
#include "support/reading.h"

#include <stdlib.h>

typedef struct refusal {
    const char *input, *words; /* words of the message or mend, separated by "|" */
    uint32_t first, past;      /* the place                                       */
} refusal;

static void refusals_name_the_place_and_the_mend(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"sin x", "argument of sin|brackets|sin(x)", 0, 5},
        {"1 + sin 2x", "sin(2x)", 4, 9},
        {"sin^-1(x)", "two ways|arcsin(x)|1/sin(x)", 0, 6},
        {"sin^2 x", "sin(x)^2", 0, 7},
        {"x(x+1)", "x is no function|x*(x+1)", 0, 6},
        {"xy + 1", "`xy`|x*y", 0, 2},
        {"foo(x)", "no function `foo`|define foo(x)", 0, 6},
        {"arctn(x)", "did you mean arctan(x)", 0, 8},
        {"sin(x, 2)", "sin takes 1 argument, not 2", 0, 9},
        {"atan2(x)", "takes 2 arguments, not 1", 0, 8},
        {"sin + 1", "argument is missing", 0, 3},
        {"sum[i=1..3] i + 1", "must stand in brackets|sum[i=1..3](i)", 0, 13},
        {"d/dx x^2", "must stand in brackets|d/dx (x^2)", 0, 6},
        {"d/dx (x)^2", "two ways|(d/dx (x))^2|d/dx ((x)^2)", 0, 9},
        {"d/dx (x)(y)", "two ways", 0, 9},
        {"d/dx + 1", "nothing stands after", 0, 4},
        {"d^2/dx (x)", "orders differ", 0, 6},
        {"1 + (x", "`(` is not closed|)", 4, 5},
        {"x)", "`)` closes nothing", 1, 2},
        {"(x]", "where `)` should close", 2, 3},
        {"{x if x > 0", "`{` is not closed", 0, 1},
        {"{x}", "otherwise", 2, 3},
        {"{1 otherwise; 2 if x > 0}", "closes the cases", 14, 15},
        {"|a|b|c|", "abs( )", 3, 4},
        {"x +", "a value should follow `+`", 2, 3},
        {"", "empty", 0, 0},
        {"  \n ", "empty", 0, 0},
        {"x, y", "outside brackets|(a, b)", 1, 2},
        {"x 2", "without an operator", 2, 3},
        {"2 3", "write *", 2, 3},
        {"f()", "no argument", 0, 3},
        {"[x]*2", "no condition", 1, 2},
        {"(x > 0)*2", "condition where|[(x > 0)]", 0, 7},
        {"sum[i](x = y)", "==", 9, 10},
        {"x[i > 1]", "x*[i > 1]", 0, 8},
        {"1..3", "a range a..b stands after", 1, 3},
        {"x if y", "only in cases", 2, 4},
        {"x : y", "does not belong here", 2, 3},
        {"(a*b)'", "A^T", 5, 6},
        {"1/0", "zero", 0, 3},
        {"x/(2 - 2)", "zero", 0, 9},
        {"0^-2", "zero", 0, 4},
        {"a;; b", "one formula", 4, 5},
        {"x for t = 1..3", "definition", 6, 14},
        {"lim[x](x)", "lim[x -> a]", 5, 6},
        {"grad(x; y; z)", "does not belong here", 9, 10},
        {"\xE2\x88\x9Ax^2", "two ways", 0, 5},
        {"1e999999", "too large", 0, 8},
        {"D(x)", "D(F)(p; v)", 0, 4},
        {"sum[i=1..3, i + 1](i)", "cannot follow", 14, 15},
    };
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    int wrong = 0;
    text_know_name(ctx, "x", 1);
    text_know_name(ctx, "y", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[2000], expect[400];
        ctx_begin(ctx);
        term_mark m = term_get_mark(ctx);
        term t = text_parse(ctx, rows[i].input, strlen(rows[i].input), TEXT_PLAIN);
        const diag *d = diag_first_error(ctx);
        snprintf(expect, sizeof expect, "!%s", rows[i].words);
        reading_shown(ctx, t, shown, sizeof shown);
        bool place = d && d->where.first == rows[i].first && d->where.past == rows[i].past;
        if (t || !reading_fits(shown, expect) || !place) {
            printf("%s\n    %s [%u, %u)\n    expected %s [%u, %u)\n", rows[i].input, shown,
                   d ? d->where.first : 0, d ? d->where.past : 0, rows[i].words, rows[i].first, rows[i].past);
            wrong++;
        }
        term_rewind(ctx, m);
    }
    assert_int_equal(wrong, 0);
    ctx_free(ctx);
}

static void settled_conventions_are_noted(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"1/2x", "`1/2x` is read as (1/2)*x"},
        {"d / dx", "read as a division"},
        {"sum[i=1..2](sum[i=1..3](i))", "hides the outer i"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        assert_true(text_parse(ctx, rows[i][0], strlen(rows[i][0]), TEXT_PLAIN) != TERM_NONE);
        assert_int_equal(ctx->diag_count, 1);
        assert_int_equal(ctx->diags[0].severity, DIAG_NOTE);
        assert_non_null(strstr(ctx->diags[0].message, rows[i][1]));
        ctx_free(ctx);
    }
}

/* pre n times, middle, post n times. The status and the time of its reading. */
static gradus_status deep(const char *pre, const char *middle, const char *post, size_t n, text_door door,
                          double *seconds)
{
    size_t a = strlen(pre), b = strlen(post), m = strlen(middle), k = 0;
    char *s = malloc(n * (a + b) + m + 1);
    assert_non_null(s);
    for (size_t i = 0; i < n; i++, k += a) memcpy(s + k, pre, a);
    memcpy(s + k, middle, m);
    k += m;
    for (size_t i = 0; i < n; i++, k += b) memcpy(s + k, post, b);
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    term_room_init(ctx);
    double start = clock_seconds();
    term t = text_parse(ctx, s, k, door);
    *seconds = clock_seconds() - start;
    gradus_status status = ctx_status(ctx);
    assert_true((t != TERM_NONE) == (status == GRADUS_OK));
    if (status != GRADUS_OK) assert_non_null(diag_first_error(ctx));
    ctx_free(ctx);
    free(s);
    return status;
}

static void depth_is_no_limit(void **state)
{
    (void)state;
    static const struct {
        const char *pre, *middle, *post;
        text_door door;
    } rows[] = {
        {"(", "x", ")", TEXT_PLAIN},
        {"sin(", "x", ")", TEXT_PLAIN},
        {"x^", "x", "", TEXT_PLAIN},
        {"-", "x", "", TEXT_PLAIN},
        {"not ", "true", "", TEXT_PLAIN},
        {"v[", "i", "]", TEXT_PLAIN},
        {"{", "x", " if x > 0; 1 otherwise}", TEXT_PLAIN},
        {"d/dx (", "x", ")", TEXT_PLAIN},
        {"x+", "x", "", TEXT_PLAIN},
        {"x*", "x", "", TEXT_PLAIN},
        {"x<", "x", "", TEXT_PLAIN},
        {"{", "x", "}", TEXT_LATEX},
        {"\\frac{1}{", "x", "}", TEXT_LATEX},
        {"\\sqrt{", "x", "}", TEXT_LATEX},
        {"x^{", "x", "}", TEXT_LATEX},
        {"\\left(", "x", "\\right)", TEXT_LATEX},
        {"\\sin ", "x", "", TEXT_LATEX},
    };
    double seconds;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(deep(rows[i].pre, rows[i].middle, rows[i].post, 100000, rows[i].door, &seconds),
                         GRADUS_OK);
}

static void ten_megabytes_of_brackets_are_refused_at_once(void **state)
{
    (void)state;
    static const char *const open[] = {"(", "[", "{", "|", "sin(", "sum[i=1..2]("};
    double seconds;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        gradus_status s = deep(open[i], "", "", 10000000 / strlen(open[i]), TEXT_PLAIN, &seconds);
        assert_true(s == GRADUS_SYNTAX || s == GRADUS_LIMIT);
        assert_true(seconds < 20);
    }
    assert_int_equal(deep("{", "", "", 10000000, TEXT_LATEX, &seconds), GRADUS_SYNTAX);
    assert_true(seconds < 20);
}

/* Pieces of formulas and bytes in random order: always a term or a message, never both or neither. */
static void anything_is_read_or_refused(void **state)
{
    (void)state;
    static const char *const piece[] = {"x",
                                        "y",
                                        "(",
                                        ")",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "|",
                                        "+",
                                        "-",
                                        "*",
                                        "/",
                                        "^",
                                        "^T",
                                        ".*",
                                        "=",
                                        "==",
                                        "<",
                                        ",",
                                        ";",
                                        ":",
                                        "..",
                                        "sum[i=1..3](",
                                        "d/dx",
                                        "d/dx (",
                                        "f'",
                                        "sin",
                                        "sin(",
                                        "1",
                                        "2.5",
                                        "i",
                                        "v[i]",
                                        "A",
                                        " if ",
                                        " otherwise",
                                        " for t = 1..3",
                                        "lim[x -> 0](",
                                        "grad(",
                                        "; ",
                                        "e",
                                        "not ",
                                        "\xE2\x88\x82/\xE2\x88\x82x ",
                                        "\xC2\xB2",
                                        "'",
                                        "h[t]",
                                        "h[t-1]",
                                        "\n",
                                        ";;",
                                        "[i=1..2",
                                        "max(",
                                        "inv(",
                                        "D[1]",
                                        "\\frac",
                                        "\\frac{d}{dx}",
                                        "}{",
                                        "\\sqrt",
                                        "\\sum_{i=1}^{n}",
                                        "\\lim_{x\\to 0}",
                                        "\\sin",
                                        "\\begin{cases}",
                                        "\\end{cases}",
                                        "&",
                                        "\\\\",
                                        "\\text{if }",
                                        "_",
                                        "x_{ij}",
                                        "\\nabla",
                                        "\\langle",
                                        "\\right|",
                                        "\\log_2",
                                        "\\hat{y}",
                                        "f(x)"};
    uint32_t seed = 20261123;
    double v[] = {1, 2, 3, 4};
    for (int k = 0; k < 6000; k++) {
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        char s[400];
        size_t n = 0;
        assert_true(term_room_init(ctx));
        term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
        term_sym_bind(ctx, term_sym(ctx, "A", 1), 2, (int64_t[]){2, 2}, v);
        for (int i = 0; i <= k % 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            const char *p = piece[(seed >> 8) % (sizeof piece / sizeof *piece)];
            if (k % 5 == 0) s[n++] = (char)(seed >> 16);
            else n += (size_t)snprintf(s + n, sizeof s - n, "%s", p);
        }
        term sym, t = TERM_NONE;
        text_door door = k & 1 ? TEXT_LATEX : TEXT_PLAIN;
        bool define = k % 3 == 0, ok;
        if (define) ok = text_define(ctx, s, n, door, &sym) == GRADUS_OK;
        else
            ok = (t = k % 3 == 1 ? text_parse(ctx, s, n, door) : text_parse_block(ctx, s, n, door)) !=
                 TERM_NONE;
        assert_true(ok == (ctx_status(ctx) == GRADUS_OK));
        assert_true(ok == (diag_first_error(ctx) == NULL));
        assert_int_not_equal(ctx_status(ctx), GRADUS_BUG);
        ctx_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_the_place_and_the_mend),
        cmocka_unit_test(settled_conventions_are_noted),
        cmocka_unit_test(depth_is_no_limit),
        cmocka_unit_test(ten_megabytes_of_brackets_are_refused_at_once),
        cmocka_unit_test(anything_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
