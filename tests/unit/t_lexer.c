/* Tokens of plain text: what needs more than one character to tell, and input that is no text. */
#include "support/cm.h"
#include "text/text_impl.h"

/* The kinds of the tokens of s, one letter each; "!" and the message when it is refused. */
static const char *kinds(const char *s, size_t n, char *out, size_t size)
{
    static const char letter[TK_KINDS] = {
        [TK_END] = '.',       [TK_SEPARATOR] = 'S', [TK_NUMBER] = '1',     [TK_NAME] = 'x',
        [TK_PLUS] = '+',      [TK_MINUS] = '-',     [TK_TIMES] = '*',      [TK_DIVIDE] = '/',
        [TK_POWER] = '^',     [TK_DOT_TIMES] = 'T', [TK_DOT_DIVIDE] = 'D', [TK_DOT_POWER] = 'P',
        [TK_IMPLIED] = 'i',   [TK_EQUALS] = '=',    [TK_EQ] = 'E',         [TK_NE] = 'N',
        [TK_LT] = '<',        [TK_LE] = 'L',        [TK_GT] = '>',         [TK_GE] = 'G',
        [TK_LPAREN] = '(',    [TK_RPAREN] = ')',    [TK_LBRACKET] = '[',   [TK_RBRACKET] = ']',
        [TK_LBRACE] = '{',    [TK_RBRACE] = '}',    [TK_BAR] = '|',        [TK_COMMA] = ',',
        [TK_SEMICOLON] = ';', [TK_COLON] = ':',     [TK_RANGE] = 'r',      [TK_ARROW] = 'a',
        [TK_PRIME] = '\'',    [TK_ROOT] = 'R',      [TK_DERIVATIVE] = 'd', [TK_VARIABLE] = 'v',
        [TK_SUBSCRIPT] = '_'};
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    reader r;
    assert_true(reader_init(&r, ctx, s, n, TEXT_PLAIN));
    size_t k = 0;
    if (lex_plain(&r)) {
        for (size_t i = 0; i < r.tokens.n && k + 1 < size; i++) out[k++] = letter[r.tokens.at[i].kind];
        out[k] = '\0';
    } else {
        snprintf(out, size, "!%s", diag_first_error(ctx)->message);
    }
    reader_clear(&r);
    ctx_free(ctx);
    return out;
}

static void tokens_are_told_apart(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "."},
        {"1..n", "1rx."},
        {"2.*x", "1Tx."},
        {"2./x", "1Dx."},
        {"2.^x", "1Px."},
        {".5", "1."},
        {"1e-3", "1."},
        {"2e", "1x."},
        {"2e^x", "1x^x."},
        {"1.5e2x", "1x."},
        {"x1_b", "x."},
        {"d/dx", "dv."},
        {"d / dx", "x/x."},
        {"d/2", "x/1."},
        {"d^2/dx^2 (x)", "dv(x)."},
        {"d^2/dxdy", "dvv."},
        {"d^3L/dx^2dy", "dvv."},
        {"dL/dw[k]", "dv[x]."},
        {"\xE2\x88\x82/\xE2\x88\x82x", "dv."},
        {"\xE2\x88\x82^2/\xE2\x88\x82x\xE2\x88\x82y", "dvv."},
        {"x\xC2\xB2", "x^1."},
        {"x\xE2\x81\xBB\xC2\xB9", "x^-1."},
        {"A\xE1\xB5\x80", "x^x."},
        {"a\xC2\xB7"
         "b",
         "x*x."},
        {"a \xE2\x89\xA4 b \xE2\x89\xA5 c \xE2\x89\xA0 d", "xLxGxNx."},
        {"x -> 0", "xa1."},
        {"f''(x)", "x'(x)."},
        {"a;;b", "xSx."},
        {"(a;;b)", "(x;;x)."},
        {"a\nb", "xSx."},
        {"(a\nb)", "(xx)."},
        {"a # and b\n", "xS."},
        {"1. + 2", "!`1.` is no number: digits must follow the point"},
        {"a ** b", "!`**` is not used here"},
        {"n!", "!`!` has no meaning here"},
        {"_x", "!a name must begin with a letter"},
        {"\\frac", "!`\\` begins a LaTeX command"},
    };
    char got[200];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(kinds(rows[i][0], strlen(rows[i][0]), got, sizeof got), rows[i][1]);
}

static void what_is_no_text_is_refused_at_its_byte(void **state)
{
    (void)state;
    char got[200];
    assert_string_equal(kinds("x + \xFF", 5, got, sizeof got),
                        "!byte 5 (0xFF) is not UTF-8: this is not a text");
    assert_string_equal(kinds("x\0y", 3, got, sizeof got), "!a control character (0): this is not a text");
    assert_string_equal(kinds("\x1b[0m", 4, got, sizeof got),
                        "!a control character (27): this is not a text");
    assert_string_equal(kinds("\xE2\x98\x83", 3, got, sizeof got),
                        "!the character `\xE2\x98\x83` (U+2603) has no meaning here");
}

/* One name, however it is spelled. */
static void greek_letters_are_spelled_out(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"\xCE\xB1", "alpha"},
                                          {"\xCE\xB1"
                                           "1",
                                           "alpha1"},
                                          {"\xCF\x80", "pi"},
                                          {"\xCE\x94x", "\xCE\x94x"},
                                          {"x\xE2\x82\x81\xE2\x82\x82", "x_12"},
                                          {"\xCE\xBB_max", "lambda_max"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        reader r;
        assert_true(reader_init(&r, ctx, rows[i][0], strlen(rows[i][0]), TEXT_PLAIN) && lex_plain(&r));
        assert_string_equal(name_text(&r, r.tokens.at[0].name), rows[i][1]);
        assert_int_equal(r.tokens.n, 2);
        reader_clear(&r);
        ctx_free(ctx);
    }
}

/* `d/delta` is a fraction where delta is a name and elta is not. */
static void known_names_decide_between_derivative_and_fraction(void **state)
{
    (void)state;
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    reader r;
    text_know_name(ctx, "delta", 5);
    assert_true(reader_init(&r, ctx, "d/delta", 7, TEXT_PLAIN) && lex_plain(&r));
    assert_int_equal(r.tokens.at[0].kind, TK_NAME);
    reader_clear(&r);
    text_know_name(ctx, "dL", 2);
    assert_true(reader_init(&r, ctx, "dL/dw", 5, TEXT_PLAIN) && lex_plain(&r));
    assert_int_equal(r.tokens.at[0].kind, TK_NAME);
    reader_clear(&r);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_told_apart),
        cmocka_unit_test(what_is_no_text_is_refused_at_its_byte),
        cmocka_unit_test(greek_letters_are_spelled_out),
        cmocka_unit_test(known_names_decide_between_derivative_and_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
