/* LaTeX: what the lecture typesets, the usual notation, how far operators reach, and what is refused. */
#include "support/cm.h"
#include "support/reading.h"

static gradus_ctx *fresh(void)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    return ctx;
}

/* Section and equation numbers are those of "Calculus for Machine Learning" (K. Fu, 2019). */
static void the_lecture_is_read(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"f(x) = 2x", "f(x) == 2*x"},
        {"\\frac{y_1 - y_0}{x_1 - x_0} = \\frac{f(2) - f(1)}{2 - 1}",
         "(y_1 - y_0)/(x_1 - x_0) == (f(2) - f(1))/(2 - 1)"},
        {"\\frac{\\Delta y}{\\Delta x} \\approx \\frac{f(x_0 + \\Delta x) - f(x_0)}{\\Delta x}",
         "\xCE\x94y/\xCE\x94x == (f(x_0 + \xCE\x94x) - f(x_0))/\xCE\x94x"},
        {"\\frac{1.25^2 - 1^2}{2 - 1}", "((5/4)^2 - 1^2)/(2 - 1)"},
        {"\\lim_{\\Delta x \\to 0} \\frac{f(x_0 + \\Delta x) - f(x_0)}{\\Delta x} \\tag{1}",
         "lim[\xCE\x94x -> 0]((f(x_0 + \xCE\x94x) - f(x_0))/\xCE\x94x)"},
        {"\\frac{dy}{dx} = \\frac{df}{dx} = \\frac{d}{dx}f(x) = f'(x)",
         "d/dx (y(x)) == d/dx (f(x)) and d/dx (f(x)) == d/dx (f(x)) and d/dx (f(x)) == f'(x)"},
        {"S(x) = \\frac{1}{1 + e^{-x}}", "S(x) == 1/(1 + e^(-x))"},
        {"\\frac{d}{dx}(f(x) + g(x)) = \\frac{d}{dx}f(x) + \\frac{d}{dx}g(x)",
         "d/dx (f(x) + g(x)) == d/dx (f(x)) + d/dx (g(x))"},
        {"\\frac{d}{dx}x^n = nx^{n-1} \\tag{4}", "d/dx (x^n) == n*x^(n - 1)"},
        {"f'(1) = 2(1) = 2", "f'(1) == 2*1 and 2*1 == 2"},
        {"\\frac{d}{dx}a^x = a^x ln(a)", "d/dx (a^x) == a^x*ln(a)"},
        {"\\frac{d}{dx}e^x = e^x ln(e) = e^x \\tag{5}", "d/dx (e^x) == e^x*ln(e) and e^x*ln(e) == e^x"},
        {"\\frac{d}{dx}f(g(x)) = f'(g(x))g'(x) \\tag{6}", "d/dx (f(g(x))) == f'(g(x))*g'(x)"},
        {"\\frac{d}{dx}(g(x))^{-1}\\frac{d}{dx}(1+e^{-x})", "d/dx (1/g(x))*d/dx (1 + e^(-x))"},
        {"= -1(1+e^{-x})^{-2}(e^{-x})(-1)", "-1/(1 + e^(-x))^2*e^(-x)*(-1)"},
        {"S'(x) = S(x)(1 - S(x))", "S'(x) == S(x)*(1 - S(x))"},
        {"\\frac{\\partial z}{\\partial x}, \\frac{\\partial z}{\\partial y}",
         "(d/dx (z(x, y)), d/dy (z(x, y)))"},
        {"-\\langle 2x, 2y \\rangle = \\langle -2x, -2y \\rangle", "(-2*x, -2*y) == (-2*x, -2*y)"},
        {"\\frac{0}{0}", "!zero"},
    };
    gradus_ctx *ctx = fresh();
    READ(ctx, rows, TEXT_LATEX);
    static const char *const z = "z = x^2 + y^2";
    assert_int_equal(text_define(ctx, z, strlen(z), TEXT_LATEX, NULL), GRADUS_OK);
    static const reading_row gradient[] = {{"-\\nabla z", "(-d/dx (z), -d/dy (z))"}};
    READ(ctx, gradient, TEXT_LATEX);
    ctx_free(ctx);
}

static void the_usual_notation_is_read(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"$x^{2}+2x-1$", "x^2 + 2*x - 1"},
        {"xy", "x*y"},
        {"\\pi r^2", "pi*r^2"},
        {"\\sqrt{x+1}", "sqrt(x + 1)"},
        {"\\sqrt[3]{x}", "cbrt(x)"},
        {"\\sqrt[n]{x}", "x^(1/n)"},
        {"\\frac12 x", "x/2"},
        {"\\cos\\left(2x\\right)", "cos(2*x)"},
        {"\\sin^2 x", "sin(x)^2"},
        {"\\sin 2x \\cos x", "sin(2*x)*cos(x)"},
        {"\\ln x^2 + 1", "ln(x^2) + 1"},
        {"\\log_2 x", "log2(x)"},
        {"\\log_{10}(x)", "log10(x)"},
        {"\\log_b(x)", "ln(x)/ln(b)"},
        {"\\exp(-x)", "e^(-x)"},
        {"\\operatorname{erf}(x)", "erf(x)"},
        {"\\max(0, x)", "max(0, x)"},
        {"|x-5|", "abs(x - 5)"},
        {"\\left|\\left|x\\right| - 1\\right|", "abs(abs(x) - 1)"},
        {"\\lvert x \\rvert", "abs(x)"},
        {"\\lfloor x \\rfloor", "floor(x)"},
        {"a \\cdot b \\times c \\div d", "a*b*c/d"},
        {"\\alpha + \\varepsilon_0", "alpha + epsilon_0"},
        {"x_{\\text{max}} + \\hat{y}", "x_max + y_hat"},
        {"\\mathrm{rate}\\, t", "rate*t"},
        {"\\infty", "inf"},
        {"f^{(3)}(x)", "f'''(x)"},
        {"f''(x) + f^{\\prime}(x)", "f''(x) + f'(x)"},
        {"\\frac{d^2}{dx^2} x^3", "d^2/dx^2 (x^3)"},
        {"\\frac{\\partial^2}{\\partial x \\partial y} (xy)", "d^2/dxdy (x*y)"},
        {"\\frac{d (x^2)}{dx}", "d/dx (x^2)"},
        {"\\frac{d}{dx} x^2 \\sin x + 1", "d/dx (x^2*sin(x)) + 1"},
        {"\\sum_{i=1}^{4} i^2", "sum[i=1..4](i^2)"},
        {"\\sum_{i=1}^{4} i + 1", "sum[i=1..4](i) + 1"},
        {"\\sum_{i,j=1}^{3} ij", "sum[i=1..3](sum[j=1..3](i*j))"},
        {"\\prod_{k=1}^n k", "prod[k=1..n](k)"},
        {"\\max_{i=1}^{3}(i)", "max[i=1..3](i)"},
        {"\\lim_{h \\to 0} \\frac{(x+h)^2-x^2}{h}", "lim[h -> 0](((x + h)^2 - x^2)/h)"},
        {"\\lim_{x \\to 0^+} \\frac1x", "lim[x -> 0+](1/x)"},
        {"\\begin{cases} x & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
         "{x if x > 0; 0 otherwise}"},
        {"\\begin{cases} x^2, & x \\geq 0 \\\\ -x, & x < 0 \\end{cases}", "{x^2 if x >= 0; -x if x < 0}"},
        {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}_{1,2}", "((1, 2), (3, 4))[1,2]"},
        {"[x > 0] x", "[x > 0]*x"},
        {"x \\neq 0 \\land x \\leq 1", "x != 0 and x <= 1"},
        {"\\Gamma(x) + \\gamma", "gamma(x) + gamma"},
        {"\\text{if }", "!value"},
    };
    gradus_ctx *ctx = fresh();
    READ(ctx, rows, TEXT_LATEX);
    ctx_free(ctx);
}

static void subscripts_are_elements_of_arrays(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"x_1 + x_2", "x_1 + x_2"},
        {"v_1 + v_{2}", "v[1] + v[2]"},
        {"\\sum_{i} v_i^2", "sum[i](v[i]^2)"},
        {"\\sum_{j=1}^{p} w_j X_{ij}", "sum[j=1..p](w[j]*X[i,j])"},
        {"\\sum_{i=1}^{2} A_{i,i}", "sum[i](A[i,i])"},
        {"v^T v", "sum[k](v[k]*v[k])"},
        {"\\frac{\\partial}{\\partial v_k} \\sum_j v_j", "d/dv[k] (sum[j](v[j]))"},
        {"\\frac{\\partial}{\\partial x_1} (x_1 x_2)", "d/dx_1 (x_1*x_2)"},
        {"A^{-1}_{1,2}", "!matrix or to its power"},
        {"{A^{-1}}_{1,2}", "inv(A)[1,2]"},
        {"v_{4}", "!v ends at 3"},
    };
    double v[] = {1, 2, 3, 4};
    gradus_ctx *ctx = fresh();
    term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
    term_sym_bind(ctx, term_sym(ctx, "A", 1), 2, (int64_t[]){2, 2}, v);
    READ(ctx, rows, TEXT_LATEX);
    static const char *const z = "z_i = \\sum_{j=1}^{p} w_j X_{ij}";
    assert_int_equal(text_define(ctx, z, strlen(z), TEXT_LATEX, NULL), GRADUS_OK);
    assert_int_equal(term_sym_info(ctx, term_sym(ctx, "z", 1))->rank, 1);
    ctx_free(ctx);
}

static void refusals_point_into_the_latex(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"\\frac{1}{x", "!`{` is not closed"},
        {"x}", "!`}` closes nothing"},
        {"\\sin^{-1}(x)", "!two ways|arcsin(x)"},
        {"x^10", "!only the first digit|^{10}"},
        {"\\int x dx", "!integrals"},
        {"\\foo x", "!\\foo is not read"},
        {"\\sum i", "!over which index"},
        {"\\lim x", "!variable and target"},
        {"\\begin{cases} x", "!without its \\end"},
        {"\\end{cases}", "!without its \\begin"},
        {"\\begin{tikzcd} x \\end{tikzcd}", "!environment"},
        {"\\frac{1}", "!argument in braces"},
        {"1. + 2", "!1.0"},
        {"n!", "!factorial"},
        {"\\sin", "!argument is missing"},
        {"^2", "!without a base"},
        {"\\left(x", "!not closed"},
        {"\\partial x", "!partial"},
        {"x \\pm 1", "!\\pm is not read"},
        {"", "!empty"},
    };
    gradus_ctx *ctx = fresh();
    READ(ctx, rows, TEXT_LATEX);
    ctx_free(ctx);
}

static void assumed_brackets_are_noted(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"\\sum_{i=1}^{4} i + 1", "reaches over `i` only"},
        {"\\frac{d}{dx} x^2 \\sin x + 1", "reaches over `x^2 \\sin x` only"},
        {"slope", "product of letters"},
        {"x \\approx y", "read as ="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gradus_ctx *ctx = fresh();
        assert_true(text_parse(ctx, rows[i][0], strlen(rows[i][0]), TEXT_LATEX) != TERM_NONE);
        assert_int_equal(ctx->diag_count, 1);
        assert_non_null(strstr(ctx->diags[0].message, rows[i][1]));
        ctx_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lecture_is_read),
        cmocka_unit_test(the_usual_notation_is_read),
        cmocka_unit_test(subscripts_are_elements_of_arrays),
        cmocka_unit_test(refusals_point_into_the_latex),
        cmocka_unit_test(assumed_brackets_are_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
