/* Diagnostics as a person reads them: the line, carets as wide as the place, long lines cut. */
#include "support/cm.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>

static void printed(const char *s, text_door door, const char *expect)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    text_parse(ctx, s, strlen(s), door);
    for (size_t i = 0; i < ctx->diag_count; i++) text_print_diag(&b, ctx, &ctx->diags[i]);
    assert_string_equal(strbuf_str(&b), expect);
    strbuf_clear(&b);
    ctx_free(ctx);
}

static void carets_stand_below_the_place(void **state)
{
    (void)state;
    printed("1 + sin x", TEXT_PLAIN,
            "error: the argument of sin must stand in brackets\n"
            "  1 + sin x\n"
            "      ^^^^^\n"
            "  hint: sin(x)\n");
    printed("(x", TEXT_PLAIN,
            "error: `(` is not closed: `)` is missing\n"
            "  (x\n"
            "  ^\n"
            "  hint: add `)`\n");
    printed("\\frac{1}{x", TEXT_LATEX,
            "error: `{` is not closed: `}` is missing\n"
            "  \\frac{1}{x\n"
            "          ^\n"
            "  hint: add `}`\n");
    printed("", TEXT_PLAIN, "error: there is nothing to read: the input is empty\n");
}

/* Columns, not bytes; tabs are one blank. */
static void columns_are_counted_as_a_terminal_shows_them(void **state)
{
    (void)state;
    printed("\xCF\x80*\xCE\xB1 + foo(x)", TEXT_PLAIN,
            "error: there is no function `foo`\n"
            "  \xCF\x80*\xCE\xB1 + foo(x)\n"
            "        ^^^^^^\n"
            "  hint: define foo(x) = ..., or write foo*(x) for a product\n");
    printed("x\t+\t1.", TEXT_PLAIN,
            "error: `1.` is no number: digits must follow the point\n"
            "  x + 1.\n"
            "      ^^\n"
            "  hint: write 1.0\n");
}

static void only_the_line_of_the_place_is_shown(void **state)
{
    (void)state;
    printed("(x +\n sin y)\n", TEXT_PLAIN,
            "error: the argument of sin must stand in brackets\n"
            "   sin y)\n"
            "   ^^^^^\n"
            "  hint: sin(y)\n");
}

static void long_lines_are_cut_around_the_place(void **state)
{
    (void)state;
    enum { N = 100000 };
    char *s = malloc(2 * N + 20);
    assert_non_null(s);
    for (int i = 0; i < N; i++) memcpy(s + 2 * i, "x+", 2);
    strcpy(s + 2 * N, "1. + x");
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    strbuf b;
    strbuf_init(&b, ctx);
    text_parse(ctx, s, strlen(s), TEXT_PLAIN);
    text_print_diag(&b, ctx, diag_first_error(ctx));
    assert_true(b.n < 400);
    assert_non_null(strstr(strbuf_str(&b), "  ...x+"));
    assert_non_null(strstr(strbuf_str(&b), "x+1. + x\n"));
    const char *line = strstr(strbuf_str(&b), "1. + x\n"), *carets = strstr(strbuf_str(&b), "^^\n");
    const char *start = strstr(strbuf_str(&b), "  ..."), *below = strchr(line, '\n') + 1;
    assert_non_null(carets);
    assert_int_equal(line - start, carets - below);
    strbuf_clear(&b);
    ctx_free(ctx);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carets_stand_below_the_place),
        cmocka_unit_test(columns_are_counted_as_a_terminal_shows_them),
        cmocka_unit_test(only_the_line_of_the_place_is_shown),
        cmocka_unit_test(long_lines_are_cut_around_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
