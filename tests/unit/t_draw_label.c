/* Labels: formulas between dollar signs, and nothing that could upset Pango or a terminal. */
#include "draw/draw_impl.h"
#include "support/cm.h"

#include <stdlib.h>
#include <string.h>

typedef struct expectation {
    const char *label, *markup, *plain, *ascii;
} expectation;

static const expectation expectations[] = {
    {"plain x^2 & <b>", "plain x^2 &amp; &lt;b&gt;", "plain x^2 & <b>", "plain x^2 & <b>"},
    {"$x^2$", "<i>x</i><sup>2</sup>", "x²", "x^2"},
    {"$x^10 + 1$", "<i>x</i><sup>10</sup> + 1", "x¹⁰ + 1", "x^10 + 1"},
    {"$e^-x$", "<i>e</i><sup>−<i>x</i></sup>", "e⁻ˣ", "e^-x"},
    {"$e^(-x)$!", "<i>e</i><sup>−<i>x</i></sup>!", "e⁻ˣ!", "e^(-x)!"},
    {"$e^(a*b)$", "<i>e</i><sup><i>a</i>\u2009·\u2009<i>b</i></sup>", "e^(a\u2009·\u2009b)", "e^(a*b)"},
    {"$sin(x1)$", "sin(<i>x</i><sub>1</sub>)", "sin(x₁)", "sin(x1)"},
    {"$w_i$", "<i>w</i><sub><i>i</i></sub>", "w_i", "w_i"},
    {"$a <= b$", "<i>a</i> ≤ <i>b</i>", "a ≤ b", "a <= b"},
    {"$x^2^3$", "<i>x</i><sup>2<sup>3</sup></sup>", "x^2^3", "x^2^3"},
    {"$x^(a)^3$", "<i>x</i><sup>(<i>a</i>)<sup>3</sup></sup>", "x^(a)^3", "x^(a)^3"},
    {"costs \\$5", "costs $5", "costs $5", "costs $5"},
    {"slope $-3$ at $x = 1$", "slope −3 at <i>x</i> = 1", "slope −3 at x = 1", "slope -3 at x = 1"},
    {"α ≤ π²", "α ≤ π²", "α ≤ π²", "alpha <= pi^2"},
    {"$sqrt(x)$", "√<i>x</i>", "√x", "sqrt(x)"},
    {"$sqrt(x + 1)/2$", "√(<i>x</i> + 1)/2", "√(x + 1)/2", "sqrt(x + 1)/2"},
    {"$abs(x + 1)^2$", "|<i>x</i> + 1|<sup>2</sup>", "|x + 1|²", "abs(x + 1)^2"},
    {"$2^abs(x)$", "2<sup>|<i>x</i>|</sup>", "2^|x|", "2^abs(x)"},
    {"$abs(sqrt(abs(x$", "abs(sqrt(abs(<i>x</i>", "abs(sqrt(abs(x", "abs(sqrt(abs(x"},
    {"$theta1 + 2*pi$", "θ<sub>1</sub> + 2\u2009·\u2009π", "θ₁ + 2\u2009·\u2009π", "theta1 + 2*pi"},
    {"$beta(x)$", "beta(<i>x</i>)", "beta(x)", "beta(x)"},
    {"$x^$", "<i>x</i>^", "x^", "x^"},
    {"$x^(2", "<i>x</i>^(2", "x^(2", "x^(2"},
    {"bad \xff\xfe end", "bad \xef\xbf\xbd\xef\xbf\xbd end", "bad \xef\xbf\xbd\xef\xbf\xbd end",
     "bad ?? end"},
    {"tab\tand\nline", "tab and line", "tab and line", "tab and line"},
    {"", "", "", ""},
};

static void labels_are_set_as_expected(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++) {
        const expectation *e = &expectations[i];
        strbuf b;
        strbuf_init(&b, ctx);
        label_to_markup(&b, e->label);
        assert_string_equal(strbuf_str(&b), e->markup);
        strbuf_clear(&b);
        label_to_plain(&b, e->label, false);
        assert_string_equal(strbuf_str(&b), e->plain);
        strbuf_clear(&b);
        label_to_plain(&b, e->label, true);
        assert_string_equal(strbuf_str(&b), e->ascii);
        strbuf_clear(&b);
    }
    ctx_free(ctx);
}

/* Tags open and close in order, entities are whole, UTF-8 is valid: what Pango demands. */
static bool is_markup(const char *s)
{
    char open[64];
    size_t depth = 0, n = strlen(s);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        int len = utf8_decode(s + i, n - i, &c);
        if (len <= 0 || (c < 0x20 || c == 0x7f)) return false;
        if (c == '&' && strncmp(s + i, "&amp;", 5) && strncmp(s + i, "&lt;", 4) && strncmp(s + i, "&gt;", 4))
            return false;
        if (c == '<') {
            bool close = s[i + 1] == '/';
            const char *name = s + i + 1 + close;
            char kind = !strncmp(name, "i>", 2)     ? 'i'
                        : !strncmp(name, "sup>", 4) ? 'p'
                        : !strncmp(name, "sub>", 4) ? 'b'
                                                    : 0;
            if (!kind || (close && (depth == 0 || open[--depth] != kind))) return false;
            if (!close) open[depth++] = kind;
            if (depth == sizeof open) return false;
            len = (int)(strchr(s + i, '>') - (s + i) + 1);
        }
        i += (size_t)len;
    }
    return depth == 0;
}

static void any_bytes_become_valid_markup(void **state)
{
    static const char alphabet[] = "$$x^^_()(-2+*<>&'\\ab\xce\xb1\xff\x01";
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    (void)state;
    srand(11);
    for (int round = 0; round < 20000; round++) {
        char label[64];
        size_t n = (size_t)(rand() % 60);
        for (size_t i = 0; i < n; i++) label[i] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        label[n] = 0;
        strbuf b;
        strbuf_init(&b, ctx);
        label_to_markup(&b, label);
        assert_true(is_markup(strbuf_str(&b)));
        strbuf_clear(&b);
        label_to_plain(&b, label, true);
        for (const char *s = strbuf_str(&b); *s; s++) assert_true(*s >= 0x20 && *s < 0x7f);
        strbuf_clear(&b);
    }
    ctx_free(ctx);
}

static void long_labels_are_cut(void **state)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    enum { LONG = 1000000 };
    char *label = malloc(LONG + 1);
    (void)state;
    for (int k = 0; k < 3; k++) {
        memset(label, "(^x"[k], LONG);
        label[0] = '$';
        label[LONG] = 0;
        strbuf b;
        strbuf_init(&b, ctx);
        label_to_markup(&b, label);
        assert_true(b.n < 4000 && is_markup(strbuf_str(&b)));
        strbuf_clear(&b);
    }
    free(label);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_set_as_expected),
        cmocka_unit_test(any_bytes_become_valid_markup),
        cmocka_unit_test(long_labels_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
