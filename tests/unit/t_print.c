/* The printers: golden lines, the round trip through the reader, depth, breadth and budget. */
#include "support/cm.h"
#include "support/refusing.h"

#include "text/text.h"

#include <stdio.h>
#include <string.h>

static gradus_ctx *ctx;

static int setup(void **state)
{
    (void)state;
    ctx = ctx_new(NULL, NULL);
    if (!ctx || !term_room_init(ctx)) return 1;
    ctx_begin(ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ctx_free(ctx);
    return 0;
}

/* The caller clears. */
static strbuf printed(term t, text_form form)
{
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, t, form);
    return b;
}

static term parsed(const char *s, text_door door)
{
    term t = text_parse(ctx, s, strlen(s), door);
    const diag *d = diag_first_error(ctx);
    if (d) print_message("reading %s: %s\n", s, d->message);
    return t;
}

static void expect(term t, text_form form, const char *wanted)
{
    strbuf b = printed(t, form);
    assert_string_equal(strbuf_str(&b), wanted);
    strbuf_clear(&b);
}

/* parse(print(t)) is t, through text and through LaTeX. */
static void expect_return(term t)
{
    static const struct {
        text_form form;
        text_door door;
    } way[] = {{FORM_TEXT, TEXT_PLAIN}, {FORM_LATEX, TEXT_LATEX}, {FORM_UNICODE, TEXT_PLAIN}};
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        strbuf b = printed(t, way[i].form), again;
        term back = term_canon(ctx, parsed(strbuf_str(&b), way[i].door));
        if (back != term_canon(ctx, t)) {
            again = printed(back, way[i].form);
            fail_msg("%s\ncomes back as %s", strbuf_str(&b), strbuf_str(&again));
        }
        strbuf_clear(&b);
    }
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
}

static term sym(const char *name)
{
    return term_sym(ctx, name, strlen(name));
}
static term num(long n)
{
    return term_int(ctx, n);
}

/* ---- golden lines --------------------------------------------------------------------------- */

typedef struct golden {
    const char *input, *text;
    const char *latex; /* NULL: only that it returns */
} golden;

/* What is typed, and how its canonical form is shown. */
static const golden scalar[] = {
    {"0", "0", "0"},
    {"-7", "-7", "-7"},
    {"1/4", "1/4", "\\frac{1}{4}"},
    {"-3/4", "-3/4", "-\\frac{3}{4}"},
    {"0.1", "1/10", "\\frac{1}{10}"},
    {"6.62607015e-34", "6.62607015e-34", "6.62607015 \\cdot 10^{-34}"},
    {"1e30", "1e30", "1 \\cdot 10^{30}"},
    {"0.00001", "1e-5", "1 \\cdot 10^{-5}"},
    {"0.00123*x", "0.00123*x", "0.00123 x"},
    {"x", "x", "x"},
    {"-x", "-x", "-x"},
    {"x/4", "x/4", "\\frac{x}{4}"},
    {"x^2/2", "x^2/2", "\\frac{x^{2}}{2}"},
    {"-x^2/2", "-x^2/2", "-\\frac{x^{2}}{2}"},
    {"2x/3", "2/3*x", "\\frac{2}{3} x"},
    {"3*x*y", "3*x*y", "3 x y"},
    {"x*y*3", "3*x*y", "3 x y"},
    {"x y + y x", "2*x*y", "2 x y"},
    {"2*cos(x^2)*x", "2*x*cos(x^2)", "2 x \\cos(x^{2})"},
    {"-x*e^(-x^2/2)", "-x*e^(-x^2/2)", "-x e^{-\\frac{x^{2}}{2}}"},
    {"-2*csc(2*x)*cot(2*x)", "-2*csc(2*x)*cot(2*x)", "-2 \\csc(2 x) \\cot(2 x)"},
    {"x^x*(ln(x) + 1)", "x^x*(ln(x) + 1)", "x^{x} (\\ln(x) + 1)"},
    {"e^(-x)/(1 + e^(-x))^2", "e^(-x)/(1 + e^(-x))^2", "\\frac{e^{-x}}{\\left(1 + e^{-x}\\right)^{2}}"},
    {"e^(-x)*(1 + e^(-x))^(-2)", "e^(-x)/(1 + e^(-x))^2", NULL},
    {"cos(x)/(2*sqrt(sin(x)))", "cos(x)/(2*sqrt(sin(x)))", "\\frac{\\cos(x)}{2 \\sqrt{\\sin(x)}}"},
    {"1/2*x^(-1/2)", "1/(2*sqrt(x))", "\\frac{1}{2 \\sqrt{x}}"},
    {"-6*(2*x + 1)^(-2)", "-6/(2*x + 1)^2", "-\\frac{6}{(2 x + 1)^{2}}"},
    {"(x^2 + 1)^(3/2)", "(x^2 + 1)^(3/2)", "(x^{2} + 1)^{3/2}"},
    {"(1 - x^2)^(-1/2)", "1/sqrt(1 - x^2)", "\\frac{1}{\\sqrt{1 - x^{2}}}"},
    {"6*x + 5", "6*x + 5", "6 x + 5"},
    {"1 - x", "1 - x", "1 - x"},
    {"-x + 1", "1 - x", "1 - x"},
    {"-x + y", "y - x", "y - x"},
    {"x - y", "x - y", "x - y"},
    {"1 - tanh(x)^2", "1 - tanh(x)^2", "1 - \\tanh^{2}(x)"},
    {"5*x^4 - 12*x^2 + 1", "5*x^4 - 12*x^2 + 1", "5 x^{4} - 12 x^{2} + 1"},
    {"(3*x^2 + 2)/5", "3/5*x^2 + 2/5", NULL},
    {"2/sqrt(pi)*e^(-x^2)", "2/sqrt(pi)*e^(-x^2)", "\\frac{2}{\\sqrt{\\pi}} e^{-x^{2}}"},
    {"pi*x^(pi-1)", "pi*x^(pi - 1)", "\\pi x^{\\pi - 1}"},
    {"2^(-x)", "2^(-x)", "2^{-x}"},
    {"(-x)^3", "-x^3", "-x^{3}"},
    {"(x^y)^z", "(x^y)^z", "(x^{y})^{z}"},
    {"x^y^z", "x^(y^z)", "x^{y^{z}}"},
    {"a^x*ln(a)", "a^x*ln(a)", "a^{x} \\ln(a)"},
    {"-ln(10)*10^(-x)", "-ln(10)*10^(-x)", "-\\ln(10) \\cdot 10^{-x}"},
    {"(1 + 1/x)^x", "(1 + 1/x)^x", "\\left(1 + \\frac{1}{x}\\right)^{x}"},
    {"(x*cos(x) - sin(x))/x^2", "(x*cos(x) - sin(x))/x^2", "\\frac{x \\cos(x) - \\sin(x)}{x^{2}}"},
    {"(1 + x)*e^x", "(1 + x)*e^x", "(1 + x) e^{x}"},
    {"x*(x + 1)", "x*(x + 1)", "x \\cdot (x + 1)"},
    {"(x + 1)*(x - 1)", "(x + 1)*(x - 1)", "(x + 1) (x - 1)"},
    {"sin(x)^2", "sin(x)^2", "\\sin^{2}(x)"},
    {"sin(x^2)", "sin(x^2)", "\\sin(x^{2})"},
    {"log2(x)^2", "log2(x)^2", "\\log_{2}(x)^{2}"},
    {"abs(x)/x", "abs(x)/x", "\\frac{\\left|x\\right|}{x}"},
    {"abs(abs(x) - 1)", "abs(abs(x) - 1)", NULL},
    {"sqrt(x)*sqrt(y)", "sqrt(x)*sqrt(y)", "\\sqrt{x} \\sqrt{y}"},
    {"x^(-3/2)", "1/x^(3/2)", "\\frac{1}{x^{3/2}}"},
    {"sin(x)/cos(x)/x", "sin(x)/(x*cos(x))", NULL},
    {"x_1 + alpha*rate", "x_1 + alpha*rate", "\\mathrm{x\\_1} + \\alpha \\mathrm{rate}"},
    {"max(0, -x)", "max(0, -x)", "\\max(0, -x)"},
    {"e", "e", "e"},
    {"e*x", "e*x", "e x"},
    {"2*pi*x", "2*pi*x", "2 \\pi x"},
    {"exp(x)", "e^x", "e^{x}"},
    {"e^(e^x)", "e^(e^x)", "e^{e^{x}}"},
    {"1/(x*y)", "1/(x*y)", "\\frac{1}{x y}"},
    {"x/y/z", "x/(y*z)", "\\frac{x}{y z}"},
    {"x > 0", "x > 0", "x > 0"},
    {"0 < x", "x > 0", "x > 0"},
    {"x != y", "x != y", "x \\neq y"},
    {"0 < x < 1", "0 < x < 1", "0 < x < 1"},
    {"x > 0 and y > 0 or z > 0", "x > 0 and y > 0 or z > 0", NULL},
    {"(x > 0 or y > 0) and z > 0", "(x > 0 or y > 0) and z > 0", NULL},
    {"not (x > 0 or y > 0)", "not (x > 0 or y > 0)", NULL},
    {"[x > 0]*x", "[x > 0]*x", "[x > 0] x"},
    {"x*[x == y]", "[x == y]*x", "[x = y] x"},
    {"[0 < x < 1]*y", "[0 < x < 1]*y", "[0 < x < 1] y"},
    {"{x^2 if x > 0; 0 otherwise}", "{x^2 if x > 0; 0 otherwise}",
     "\\begin{cases} x^{2} & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}"},
    {"{1 if x > 0; -1 if x < 0}", "{1 if x > 0; -1 if x < 0}", NULL},
    {"2*{1 if x > 0; x otherwise}^2", "2*{1 if x > 0; x otherwise}^2", NULL},
    {"sum[i=1..4](i^2*x)*0 + sum[i=1..n](i^x)", "sum[i=1..n](i^x)", "\\sum_{i=1}^{n} i^{x}"},
    {"1/n*sum[i=1..n](sin(i*x))", "1/n*sum[i=1..n](sin(i*x))", "\\frac{1}{n} \\sum_{i=1}^{n} \\sin(i x)"},
    {"sum[i=1..n](sin(i*x) + i)^2", "(sum[i=1..n](sin(i*x) + i))^2", NULL},
    {"prod[i=1..n](x + i)*x", "x*prod[i=1..n](x + i)", "x \\prod_{i=1}^{n} (x + i)"},
    {"logsumexp[i=1..n](i*x)", "logsumexp[i=1..n](i*x)", "\\operatorname{logsumexp}_{i=1}^{n}(i x)"},
    {"d/dx (x^2)", "d/dx (x^2)", "\\frac{d}{dx} (x^{2})"},
    {"d^2/dx^2 (x*y)", "d^2/dx^2 (x*y)", "\\frac{\\partial^{2}}{\\partial x^{2}} (x y)"},
    {"d/dx (x^2)*sin(x)", "d/dx (x^2)*sin(x)", NULL},
    {"1/d/dx (x^2)", NULL, NULL},
    {"lim[x -> 0](sin(x)/x)", "lim[x -> 0](sin(x)/x)", "\\lim_{x \\to 0} \\frac{\\sin(x)}{x}"},
    {"lim[x -> 0+](ln(x)*x)", "lim[x -> 0+](x*ln(x))", NULL},
    {"lim[x -> inf](1/x)", "lim[x -> inf](1/x)", "\\lim_{x \\to \\infty} \\frac{1}{x}"},
    {"(2*x, 2*y)", "(2*x, 2*y)", "(2 x, 2 y)"},
    {"((2, 1), (1, x))", "((2, 1), (1, x))", NULL},
};

static void scalars_read_like_a_blackboard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++) {
        const golden *g = &scalar[i];
        term_mark m = term_get_mark(ctx);
        ctx_begin(ctx);
        if (!g->text) {
            term_rewind(ctx, m);
            continue;
        }
        term t = term_canon(ctx, parsed(g->input, TEXT_PLAIN));
        expect(t, FORM_TEXT, g->text);
        if (g->latex) expect(t, FORM_LATEX, g->latex);
        expect_return(t);
        term_rewind(ctx, m);
    }
}

/* ---- indices -------------------------------------------------------------------------------- */

/* Arrays X (n x p), y and w without known sizes; f, g of one and two arguments. */
static void given_names(void)
{
    const char *arrays = "X[i=1..n, j=1..p], v[i=1..n], w[j=1..p]",
               *functions = "f(u) = u^2 ;; g(u, v) = u*v ;; L = x^2*z";
    term last;
    assert_int_equal(text_declare(ctx, arrays, strlen(arrays)), GRADUS_OK);
    assert_int_equal(text_define(ctx, functions, strlen(functions), TEXT_PLAIN, &last), GRADUS_OK);
}

static const golden indexed[] = {
    {"w[k]", "w[k]", "w_{k}"},
    {"X[a,b]^2*w[b]", "X[a,b]^2*w[b]", "X_{a,b}^{2} w_{b}"},
    {"X[1,2]", "X[1,2]", "X_{1,2}"},
    {"X[a+1,b]", "X[a+1,b]", "X_{a+1,b}"},
    {"e^w[k]", "e^w[k]", "e^{w_{k}}"},
    {"2^w[k]", "2^w[k]", "2^{w_{k}}"},
    {"sum[j](w[j]^2)", "sum[j](w[j]^2)", "\\sum_{j} w_{j}^{2}"},
    {"sqrt(sum[j](w[j]^2))", "sqrt(sum[j](w[j]^2))", "\\sqrt{\\sum_{j} w_{j}^{2}}"},
    {"sum[i](sum[j](X[i,j]*w[j]) - v[i])", NULL, NULL},
    {"sum[i]((sum[j](X[i,j]*w[j]) - v[i])^2)", "sum[i]((sum[j](X[i,j]*w[j]) - v[i])^2)",
     "\\sum_{i} \\left(\\sum_{j} X_{i,j} w_{j} - v_{i}\\right)^{2}"},
    {"sum[i](sin(i*v[i]))", "sum[i](sin(i*v[i]))", NULL},
    {"sum[i=1..3](v[i]^2)", "sum[i=1..3](v[i]^2)", "\\sum_{i=1}^{3} v_{i}^{2}"},
    {"sum[i=2..n](v[i]^2)", "sum[i=2..n](v[i]^2)", NULL},
    {"sum[i=1..n-1](v[i]*v[i+1])", "sum[i=1..n-1](v[i]*v[i+1])", NULL},
    {"sum[i=0..n-1](v[i+1]^2)", "sum[i=0..n-1](v[i+1]^2)", NULL},
    {"max[i](v[i])", "max[i](v[i])", "\\max_{i}(v_{i})"},
    {"argmax[i](v[i])", "argmax[i](v[i])", NULL},
    {"e^w[k]/sum[c](e^w[c]) - t", "e^w[k]/sum[c](e^w[c]) - t", NULL},
    {"x*max[i](v[i])*sum[j](w[j])", "x*max[i](v[i])*sum[j](w[j])", NULL},
    {"sum[j](w[j])*sum[i](v[i])", "sum[j](w[j])*sum[i](v[i])", NULL},
    {"sum[j](w[j])^2", "(sum[j](w[j]))^2", "\\left(\\sum_{j} w_{j}\\right)^{2}"},
    {"[j == k]*w[j]", "[j == k]*w[j]", "[j = k] w_{j}"},
    {"sum[i,j : i < j](v[i]*v[j])", NULL, NULL},
    {"w[i] + sum[i](v[i])", "w[i] + sum[j](v[j])", NULL},
    {"x*inv(X)[a,b]", "x*inv(X)[a,b]", NULL},
    {"det(X)^2", "det(X)^2", NULL},
    {"logdet(X)", "logdet(X)", NULL},
    {"f(x)", "f(x)", "f(x)"},
    {"f'(x)", "f'(x)", "f'(x)"},
    {"f''(f(x))*f'(x)", NULL, NULL},
    {"f(x)^2", "f(x)^2", "f(x)^{2}"},
    {"g(x, 2*x)", "g(x, 2*x)", "g(x, 2 x)"},
    {"1/f(1/x)", "1/f(1/x)", "\\frac{1}{f\\left(\\frac{1}{x}\\right)}"},
    {"L*x", NULL, NULL},
    {"d/dw[k] (sum[j](w[j]^2))", "d/dw[k] (sum[j](w[j]^2))", NULL},
};

static void indices_read_like_a_blackboard(void **state)
{
    (void)state;
    given_names();
    for (size_t i = 0; i < sizeof indexed / sizeof *indexed; i++) {
        const golden *g = &indexed[i];
        term_mark m = term_get_mark(ctx);
        ctx_begin(ctx);
        term t = term_canon(ctx, parsed(g->input, TEXT_PLAIN));
        if (g->text) expect(t, FORM_TEXT, g->text);
        if (g->latex) expect(t, FORM_LATEX, g->latex);
        expect_return(t);
        term_rewind(ctx, m);
    }
}

/* Nested binders of one name, and symbols of the name of a binder, never mix. */
static void bound_names_do_not_clash(void **state)
{
    (void)state;
    term i = term_fresh_index(ctx, "i", TERM_NONE, TERM_NONE),
         k = term_fresh_index(ctx, "i", TERM_NONE, TERM_NONE);
    term n = sym("n"), j = sym("j");
    term inner = term_reduce(ctx, RED_PROD, k, num(1), n, term_add(ctx, (term[]){i, k, j}, 3));
    term t = term_reduce(ctx, RED_SUM, i, num(1), n, inner);
    expect(t, FORM_TEXT, "sum[i=1..n](prod[k=1..n](i + k + j))");
    expect_return(t);
    /* two fresh symbols of one name stay apart also when they are free */
    expect(term_add2(ctx, term_mul2(ctx, i, i), k), FORM_TEXT, "i^2 + j");
    expect(term_add(ctx, (term[]){term_mul2(ctx, i, i), k, sym("i")}, 3), FORM_TEXT, "j^2 + k + i");
}

/* ---- raw terms keep what was written -------------------------------------------------------- */

static void raw_terms_keep_their_shape(void **state)
{
    (void)state;
    static const golden raw[] = {
        {"x*3", "x*3", "x \\cdot 3"},
        {"-1*e^(-x)*(-1)/(1 + e^(-x))^2", "-1*e^(-x)*(-1)/(1 + e^(-x))^2",
         "\\frac{-1 e^{-x} (-1)}{\\left(1 + e^{-x}\\right)^{2}}"},
        {"(x + 1) + 1", "(x + 1) + 1", "(x + 1) + 1"},
        {"x - (y - 1)", "x - (y - 1)", "x - (y - 1)"},
        {"x - (-3)", "x + 3", NULL},
        {"(1 + e^(-x)) - 1", "(1 + e^(-x)) - 1", NULL},
        {"1/2*x^2", "x^2/2", "\\frac{x^{2}}{2}"},
        {"x*(y*x)", "x*(y*x)", "x \\cdot (y x)"},
        {"x/y*x", "x/y*x", "\\frac{x}{y} x"},
        {"x/(y*x)", "x/(y*x)", "\\frac{x}{y x}"},
        {"2*x^(2 - 1)", "2*x^(2 - 1)", "2 x^{2 - 1}"},
        {"((x^2 + 1)*(2*x) - (x^2 - 1)*(2*x))/(x^2 + 1)^2", "((x^2 + 1)*(2*x) - (x^2 - 1)*(2*x))/(x^2 + 1)^2",
         NULL},
        {"1*ln(x) + x*(1/x)", "1*ln(x) + x*(1/x)", "1 \\ln(x) + x \\cdot \\frac{1}{x}"},
        {"2 + 3", "2 + 3", "2 + 3"},
        {"2*3", "2*3", "2 \\cdot 3"},
        {"(-x)^2", "(-x)^2", "(-x)^{2}"},
        {"x + x", "x + x", "x + x"},
        {"d/dx (x^2)*sin(x) + x^2*d/dx (sin(x))", "d/dx (x^2)*sin(x) + x^2*d/dx (sin(x))", NULL},
        {"sin(0)", "sin(0)", "\\sin(0)"},
        {"x^2 + y^2 == 25", "x^2 + y^2 == 25", "x^{2} + y^{2} = 25"},
    };
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        ctx_begin(ctx);
        term t = parsed(raw[i].input, TEXT_PLAIN);
        expect(t, FORM_TEXT, raw[i].text);
        if (raw[i].latex) expect(t, FORM_LATEX, raw[i].latex);
        expect_return(t);
        /* what is printed is read as the same raw term, not only as an equal one */
        strbuf b = printed(t, FORM_TEXT);
        expect(parsed(strbuf_str(&b), TEXT_PLAIN), FORM_TEXT, raw[i].text);
        strbuf_clear(&b);
    }
}

/* ---- the other forms ------------------------------------------------------------------------ */

static void unicode_mathml_and_json(void **state)
{
    (void)state;
    term x = sym("x"), a = sym("alpha"), half = term_rational(ctx, 1, 2);
    term t =
        term_add2(ctx, term_mul2(ctx, a, term_pow_int(ctx, x, 12)), term_neg(ctx, term_pow(ctx, x, half)));
    expect(t, FORM_UNICODE, "α·x¹² − √(x)");
    expect(t, FORM_MATHML,
           "<math "
           "xmlns=\"http://www.w3.org/1998/Math/MathML\"><mrow><mrow><mi>α</mi><mo>&#x2062;</"
           "mo><msup><mrow><mi>x</mi>"
           "</mrow><mrow><mn>12</mn></mrow></msup></mrow><mo>&#x2212;</mo><msqrt><mi>x</mi></msqrt></mrow></"
           "math>");
    expect(t, FORM_JSON,
           "{\"op\":\"add\",\"args\":[{\"op\":\"num\",\"value\":\"0\"},{\"op\":\"num\",\"value\":\"1\"},{"
           "\"op\":\"mul\",\"args\":["
           "{\"op\":\"sym\",\"name\":\"alpha\"},{\"op\":\"num\",\"value\":\"1\"},{\"op\":\"sym\",\"name\":"
           "\"x\"},"
           "{\"op\":\"num\",\"value\":\"12\"}]},{\"op\":\"num\",\"value\":\"-1\"},{\"op\":\"mul\",\"args\":[{"
           "\"op\":\"sym\","
           "\"name\":\"x\"},{\"op\":\"num\",\"value\":\"1/2\"}]}]}");
    term less = term_rel_make(ctx, REL_LT, x, a);
    expect(
        less, FORM_MATHML,
        "<math "
        "xmlns=\"http://www.w3.org/1998/Math/MathML\"><mrow><mi>x</mi><mo>&lt;</mo><mi>α</mi></mrow></math>");
    term i = term_fresh_index(ctx, "i", TERM_NONE, TERM_NONE);
    term s = term_reduce(ctx, RED_SUM, i, num(1), sym("n"), term_pow(ctx, i, x));
    expect(s, FORM_JSON,
           "{\"op\":\"reduce\",\"name\":\"sum\",\"index\":[\"i\"],\"args\":[{\"op\":\"num\",\"value\":\"1\"},"
           "{\"op\":\"sym\","
           "\"name\":\"n\"},{\"op\":\"pow\",\"args\":[{\"op\":\"bound\",\"name\":\"i\"},{\"op\":\"sym\","
           "\"name\":\"x\"}]}]}");
    expect(s, FORM_UNICODE, "∑[i=1..n](i^x)");
}

/* Every element of MathML is closed, in order. */
static void expect_balanced(const char *s)
{
    enum { DEEPEST = 200 };
    const char *open[DEEPEST];
    size_t n = 0;
    for (; *s; s++) {
        if (*s != '<') continue;
        if (s[1] == '/') {
            assert_true(n > 0);
            n--;
            const char *a = open[n] + 1, *b = s + 2;
            while (*a == *b && *b != '>') a++, b++;
            assert_true(*b == '>' && (*a == '>' || *a == ' '));
        } else {
            assert_true(n < DEEPEST);
            open[n++] = s;
        }
    }
    assert_int_equal(n, 0);
}

/* ---- generated terms ------------------------------------------------------------------------ */

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

static term leaf(void)
{
    static const char *const name[] = {"x", "y", "z", "alpha", "rate", "x_1"};
    switch (dice(5)) {
    case 0: return term_rational(ctx, (long)dice(9) - 4, 1 + (long)dice(5));
    case 1: return term_constant(ctx, dice(2) ? CONST_PI : CONST_E);
    default: return sym(name[dice(6)]);
    }
}

static term condition(term a, term b)
{
    term c = term_rel_make(ctx, (term_rel)dice(4), a, b);
    switch (dice(6)) {
    case 0: return term_and(ctx, (term[]){c, term_rel_make(ctx, REL_LT, b, sym("y"))}, 2);
    case 1: return term_or(ctx, (term[]){c, term_rel_make(ctx, REL_LE, sym("x"), a)}, 2);
    case 2: return term_not(ctx, term_or(ctx, (term[]){c, term_rel_make(ctx, REL_NE, sym("x"), a)}, 2));
    default: return c;
    }
}

static term with_index(term a)
{
    term i = term_fresh_index(ctx, dice(2) ? "i" : "x", TERM_NONE, TERM_NONE);
    term element = term_acc(ctx, sym("y_0"), &i, 1), at[2] = {i, dice(2) ? i : sym("k")};
    static const term_red red[] = {RED_SUM, RED_PROD, RED_MAX, RED_MIN, RED_MEAN, RED_ARGMAX, RED_LOGSUMEXP};
    term body = dice(2) ? term_mul2(ctx, a, element)
                        : term_add(ctx, (term[]){a, i, term_acc(ctx, sym("X"), at, 2)}, 3);
    term hi = dice(2) ? sym("n") : term_int(ctx, 5);
    if (dice(4) == 0) body = term_mul2(ctx, body, term_bracket(ctx, term_rel_make(ctx, REL_LT, i, sym("k"))));
    return term_reduce(ctx, red[dice(7)], i, num(1), hi, body);
}

/* One of 20 things made of older ones. */
static term compound(const term *pool, unsigned n)
{
    static const fn_id one[] = {FN_sin,  FN_exp,   FN_log,     FN_abs,  FN_tanh,
                                FN_log2, FN_gamma, FN_sigmoid, FN_cosh, FN_asin};
    term a = pool[dice(n)], b = pool[dice(n)], x = sym("x"), z = sym("z");
    switch (dice(20)) {
    case 0:
    case 1:
    case 2: return term_add2(ctx, a, b);
    case 3:
    case 4:
    case 5: return term_mul2(ctx, a, b);
    case 6: return term_is_int(ctx, b, 0) ? a : term_div(ctx, a, b);
    case 7: return term_pow_int(ctx, a, 2 + (long)dice(3));
    case 8: return term_pow(ctx, a, term_rational(ctx, 1 + (long)dice(4), 2 + (long)dice(2)));
    case 9: return term_pow(ctx, a, b);
    case 10: return term_neg(ctx, a);
    case 11:
    case 12: return term_apply1(ctx, one[dice(10)], a);
    case 13: return term_apply(ctx, dice(2) ? FN_max : FN_atan2, (term[]){a, b}, 2);
    case 14: return term_mul2(ctx, a, term_bracket(ctx, condition(b, x)));
    case 15:
        return term_cases(ctx, (term[]){condition(x, b), a, condition(a, z), b}, 2, dice(2) ? a : TERM_NONE);
    case 16: return with_index(a);
    case 17:
        return dice(2) ? term_call(ctx, sym("f"), (uint32_t[]){dice(3)}, &a, 1)
                       : term_call(ctx, sym("g"), (uint32_t[]){dice(2), dice(2)}, (term[]){a, b}, 2);
    case 18:
        return dice(2) ? term_deriv(ctx, a, &x, (uint32_t[]){1 + dice(2)}, 1)
                       : term_deriv(ctx, a, (term[]){x, z}, (uint32_t[]){1, 1 + dice(2)}, 2);
    default:
        return term_limit(ctx, a, x, dice(2) ? num(1) : term_constant(ctx, CONST_INF),
                          (term_side)(dice(2) ? dice(3) : 0));
    }
}

static void generated_terms_return(void **state)
{
    (void)state;
    enum { TERMS = 2400, POOL = 24 };
    const char *declared = "X[i=1..n, j=1..n], y_0[i=1..n]", *functions = "f(u) = u^2 ;; g(u, v) = u*v";
    term last;
    assert_int_equal(text_declare(ctx, declared, strlen(declared)), GRADUS_OK);
    assert_int_equal(text_define(ctx, functions, strlen(functions), TEXT_PLAIN, &last), GRADUS_OK);
    term_mark m = term_get_mark(ctx);
    for (seed = 1; seed < TERMS / POOL;) {
        uint64_t start = seed;
        term pool[POOL];
        for (unsigned i = 0; i < POOL; i++) {
            pool[i] = i < 6 ? leaf() : compound(pool, i);
            if (pool[i] && term_size(ctx, pool[i]) > 400) pool[i] = leaf();
            assert_int_equal(ctx_status(ctx), GRADUS_OK);
            if (term_is(ctx, pool[i], OP_UNDEF)) pool[i] = sym("x");
            expect_return(pool[i]);
            strbuf b = printed(pool[i], FORM_MATHML);
            expect_balanced(strbuf_str(&b));
            strbuf_clear(&b);
        }
        term_rewind(ctx, m);
        ctx_begin(ctx);
        seed = start + 1;
    }
}

/* ---- size ----------------------------------------------------------------------------------- */

static void deep_terms_are_printed_and_read(void **state)
{
    (void)state;
    term t = sym("x");
    for (int i = 0; i < 100000; i++) t = term_apply1(ctx, FN_sin, term_add2(ctx, t, num(1)));
    for (text_form form = FORM_TEXT; form <= FORM_JSON; form++) {
        strbuf b = printed(t, form);
        assert_int_equal(ctx_status(ctx), GRADUS_OK);
        assert_true(b.n > 600000);
        if (form == FORM_TEXT || form == FORM_LATEX)
            assert_int_equal(
                term_canon(ctx, parsed(strbuf_str(&b), form == FORM_TEXT ? TEXT_PLAIN : TEXT_LATEX)), t);
        strbuf_clear(&b);
    }
}

/* What were quadratic here would run into the test's timeout. */
static void wide_terms_cost_what_they_are_long(void **state)
{
    (void)state;
    enum { WIDE = 200000 };
    static term piece[WIDE];
    term x = sym("x");
    for (long i = 0; i < WIDE; i++)
        piece[i] = term_mul2(ctx, num(i + 2), term_apply1(ctx, FN_sin, term_mul2(ctx, num(i + 1), x)));
    term t = term_add(ctx, piece, WIDE);
    for (text_form form = FORM_TEXT; form <= FORM_LATEX; form++) {
        strbuf b = printed(t, form);
        assert_true(b.n > 3000000);
        strbuf_clear(&b);
    }
}

/* A graph of 60 nodes that would take 2^60 characters. */
static void the_written_out_tree_has_a_limit(void **state)
{
    (void)state;
    term t = sym("x");
    for (int i = 0; i < 60; i++) t = term_apply1(ctx, FN_sin, term_add2(ctx, t, term_mul2(ctx, t, t)));
    for (text_form form = FORM_TEXT; form <= FORM_JSON; form += FORM_JSON - FORM_TEXT) {
        ctx_begin(ctx);
        strbuf b = printed(t, form);
        assert_int_equal(ctx_status(ctx), GRADUS_LIMIT);
        assert_true(b.n <= (66u << 20));
        strbuf_clear(&b);
    }
}

static void nothing_prints_as_nothing(void **state)
{
    (void)state;
    expect(TERM_NONE, FORM_TEXT, "");
    expect(term_undefined(ctx), FORM_TEXT, "undefined");
    expect(term_constant(ctx, CONST_INF), FORM_TEXT, "inf");
    expect(term_neg(ctx, term_constant(ctx, CONST_INF)), FORM_TEXT, "-inf");
    expect(term_bool(ctx, true), FORM_TEXT, "true");
    /* a failure before does not keep a message from being written */
    term t = term_div(ctx, term_mul2(ctx, num(-3), sym("x")), term_sqrt(ctx, sym("y")));
    ctx_fail(ctx, GRADUS_DOMAIN);
    expect(t, FORM_TEXT, "-3*x/sqrt(y)");
}

/* Allocation n is refused for n = 1, 2, 3, ...: NOMEM, nothing leaks, and then the text is complete. */
static void every_refused_allocation_is_survived(void **state)
{
    (void)state;
    for (text_form form = FORM_TEXT; form <= FORM_JSON; form++) {
        refusing memory = {0};
        ctx = ctx_new(refusing_alloc, &memory);
        assert_true(ctx && term_room_init(ctx));
        ctx_begin(ctx);
        term i = term_fresh_index(ctx, "i", TERM_NONE, TERM_NONE), x = sym("x"), v = sym("v");
        term element = term_acc(ctx, v, &i, 1), range = term_extent(ctx, v, 0), piece[40];
        for (long k = 0; k < 40; k++)
            piece[k] = term_mul2(ctx, num(k + 2), term_pow(ctx, x, term_rational(ctx, k + 1, 7)));
        term t = term_add(ctx, piece, 40);
        t = term_div(ctx, term_reduce(ctx, RED_SUM, i, num(1), range, term_pow(ctx, t, element)), t);
        t = term_cases(ctx, (term[]){term_rel_make(ctx, REL_LT, x, num(0)), t}, 1, num(0));
        strbuf full = printed(t, form);
        size_t wanted = full.n, n = 0;
        strbuf_clear(&full);
        assert_true(wanted > 100);
        bool whole = false;
        while (!whole) {
            memory.nth = memory.calls + ++n;
            ctx_begin(ctx);
            strbuf b = printed(t, form);
            whole = b.n == wanted;
            assert_true(whole || ctx_status(ctx) == GRADUS_NOMEM);
            strbuf_clear(&b);
            assert_true(n < 10000);
        }
        ctx_free(ctx);
        assert_true(n > 5);
        assert_int_equal(memory.wrong, 0);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scalars_read_like_a_blackboard, setup, teardown),
        cmocka_unit_test_setup_teardown(indices_read_like_a_blackboard, setup, teardown),
        cmocka_unit_test_setup_teardown(bound_names_do_not_clash, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_terms_keep_their_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(unicode_mathml_and_json, setup, teardown),
        cmocka_unit_test_setup_teardown(generated_terms_return, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_terms_are_printed_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(wide_terms_cost_what_they_are_long, setup, teardown),
        cmocka_unit_test_setup_teardown(the_written_out_tree_has_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_prints_as_nothing, setup, teardown),
        cmocka_unit_test(every_refused_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
