/* What plain formulas are read as: products, powers, matrices, reducers, derivatives. */
#include "support/cm.h"
#include "support/reading.h"

static gradus_ctx *fresh(void)
{
    gradus_ctx *ctx = ctx_new(NULL, NULL);
    assert_true(term_room_init(ctx));
    return ctx;
}

static void operators_bind_as_documented(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"1/2x", "x/2"},
        {"2^-x", "2^(-x)"},
        {"-x^2", "-x^2"},
        {"(-x)^2", "(-x)^2"},
        {"a^b^c", "a^(b^c)"},
        {"a - b + c - (d - e0)", "a - b + c - (d - e0)"},
        {"a/b*c", "a*c/b"},
        {"a/(b*c)", "a/(b*c)"},
        {"-x*y", "-x*y"},
        {"2^-x*y", "y*2^(-x)"},
        {"3(x+1)", "3*(x + 1)"},
        {"(x+1)(x-1)", "(x + 1)*(x - 1)"},
        {"a x", "a*x"},
        {"a^x ln(a)", "a^x*ln(a)"},
        {"sin^2(x)", "sin(x)^2"},
        {"sqrt(x+1)", "sqrt(x + 1)"},
        {"\xE2\x88\x9A(x)", "sqrt(x)"},
        {"|x-5|", "abs(x - 5)"},
        {"{x^2 if x > 0; 0 otherwise}", "{x^2 if x > 0; 0 otherwise}"},
        {"[x > 0]*x^2", "[x > 0]*x^2"},
        {"x [x > 0]", "[x > 0]*x"},
        {"0 < x < 1", "0 < x < 1"},
        {"not x > 0 or x < -1 and y != 0", "not (x > 0) or x < -1 and y != 0"},
        {"x = y", "x == y"},
        {"piecewise(x > 0, 1, x < 0, 2, 3)", "{1 if x > 0; 2 if x < 0; 3 otherwise}"},
        {"log(x, 2)", "ln(x)/ln(2)"},
        {"logsumexp(x, y)", "ln(e^x + e^y)"},
        {"mod(x, 3)", "x - 3*floor(x/3)"},
        {"max(0, x, y)", "max(0, x, y)"},
        {"0.1 + 1e-3", "1/10 + 1/1000"},
        {"\xCE\xB1 + alpha", "alpha + alpha"},
        {"a +\n b", "a + b"},
        {"gamma*x + beta", "gamma*x + beta"},
    };
    gradus_ctx *ctx = fresh();
    READ(ctx, rows, TEXT_PLAIN);
    ctx_free(ctx);
}

static void reducers_take_their_range_from_what_they_index(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"sum[i=1..4](i^2) + 1", "sum[i=1..4](i^2) + 1"},
        {"sum[i=1..3, j=i..3](i*j)", "sum[i=1..3](sum[j=i..3](i*j))"},
        {"sum[i,j : i < j](A[i,j])", "sum[i](sum[j]([i < j]*A[i,j]))"},
        {"prod[i : v[i] > 0](v[i])", "prod[i]({v[i] if v[i] > 0; 1 otherwise})"},
        {"max[i : i > 1](v[i])", "max[i]({v[i] if i > 1; -inf otherwise})"},
        {"mean[i : v[i] > 0](v[i])", "sum[i]([v[i] > 0]*v[i])/sum[i]([v[i] > 0])"},
        {"argmax[i](v[i])", "argmax[i](v[i])"},
        {"logsumexp[i](v[i])", "logsumexp[i](v[i])"},
        {"sum[i=2..3](v[i] - v[i-1])", "sum[i=2..3](v[i] - v[i-1])"},
        {"sum[j](sum[j](v[j])*v[j])", "sum[j](v[j]*sum[k](v[k]))"},
        {"sum[i](v[i]*u[i])", "!i indexes v (size 3) and u (size 2)|sizes must agree"},
        {"sum[i](v[i+1] - v[i])", "!`v[i+1]` leaves the range|state the range"},
        {"sum[i=1..5](v[i])", "!i runs from 1 to 5|v from 1 to 3"},
        {"sum[i](i^2)", "!range of i is not known"},
        {"v[4]", "!v ends at 3"},
        {"v[1.5]", "!no whole number"},
        {"v[1,2]", "!v has 1 index; here it gets 2"},
        {"x_1 + v_2", "x_1 + v[2]"},
    };
    double v[] = {1, 2, 3, 4};
    gradus_ctx *ctx = fresh();
    term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
    term_sym_bind(ctx, term_sym(ctx, "u", 1), 1, (int64_t[]){2}, v);
    term_sym_bind(ctx, term_sym(ctx, "A", 1), 2, (int64_t[]){2, 2}, v);
    READ(ctx, rows, TEXT_PLAIN);
    ctx_free(ctx);
}

static void matrix_notation_is_lowered_to_indices(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"v^T*v", "sum[k](v[k]*v[k])"},
        {"A[1,2]", "A[1,2]"},
        {"(A*u)[1]", "sum[k](A[1,k]*u[k])"},
        {"u^T*A*u", "sum[l](u[l]*sum[k](u[k]*A[k,l]))"},
        {"tr(A)", "sum[k](A[k,k])"},
        {"det(A) + logdet(A)", "det(A) + logdet(A)"},
        {"inv(A)[1,2]", "inv(A)[1,2]"},
        {"norm(v)", "sqrt(sum[k](v[k]^2))"},
        {"norm1(v)", "sum[k](abs(v[k]))"},
        {"normF(A)", "sqrt(sum[k](sum[l](A[k,l]^2)))"},
        {"dot(v, v)", "sum[k](v[k]*v[k])"},
        {"sum(v) + prod(v) + mean(v)", "sum[k](v[k]) + prod[l](v[l]) + mean[m](v[m])"},
        {"max(v)", "max[k](v[k])"},
        {"lse(v)", "logsumexp[k](v[k])"},
        {"softmax(v)[1]", "e^v[1]/sum[k](e^v[k])"},
        {"(2.*v + 1)[i]", "2*v[i] + 1"},
        {"(v./v.^2)[1]", "v[1]/v[1]^2"},
        {"(A^2)[1,1]", "sum[k](A[1,k]*A[k,1])"},
        {"(A.^2)[1,1]", "A[1,1]^2"},
        {"(A^-1)[1,2] + (A^0)[1,2]", "inv(A)[1,2] + [1 == 2]"},
        {"eye(2)[1,2]", "[1 == 2]"},
        {"exp(A)[1,2]", "e^A[1,2]"},
        {"diag(u)[1,2]", "[1 == 2]*u[1]"},
        {"(x, 2) + (1, y)", "(x + 1, 2 + y)"},
        {"((1,2),(3,4))[2,1]", "((1, 2), (3, 4))[2,1]"},
        {"A*v", "!`A` has size 2 there and `v` has size 3"},
        {"v*v", "!no matrix product|v^T*v|v.*v"},
        {"v + u", "!different sizes|3|2"},
        {"v + v^T", "!cannot be combined entry by entry|^T"},
        {"1/v", "!division by a vector|./"},
        {"v^2", "!.^"},
        {"2^v", "!exponent|.^"},
        {"A'", "!A^T|never a transpose"},
        {"|A|", "!det(A)"},
        {"norm(A)", "!normF(A)"},
        {"tr(v)", "!square matrix"},
        {"((1,2),(3,4,5))", "!rows of different sizes"},
        {"sum(x)", "!needs an array"},
    };
    double v[] = {1, 2, 3, 4};
    gradus_ctx *ctx = fresh();
    term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
    term_sym_bind(ctx, term_sym(ctx, "u", 1), 1, (int64_t[]){2}, v);
    term_sym_bind(ctx, term_sym(ctx, "A", 1), 2, (int64_t[]){2, 2}, v);
    READ(ctx, rows, TEXT_PLAIN);
    ctx_free(ctx);
}

static void derivatives_are_nodes(void **state)
{
    (void)state;
    static const reading_row rows[] = {
        {"d/dx (x^2)", "d/dx (x^2)"},
        {"d^2/dx^2 (x^3)", "d^2/dx^2 (x^3)"},
        {"d^2/dxdy (x*y)", "d^2/dxdy (x*y)"},
        {"\xE2\x88\x82/\xE2\x88\x82x (x*y)", "d/dx (x*y)"},
        {"3 d/dx f(x) + 1", "3*d/dx (f(x)) + 1"},
        {"d/dx d/dy (x*y)", "d/dx (d/dy (x*y))"},
        {"f'(x) + f''(f(x))", "f'(x) + f''(f(x))"},
        {"dL/dw", "d/dw (L)"},
        {"d^2L/dw^2", "d^2/dw^2 (L)"},
        {"df/du", "d/du (f(u))"},
        {"dE/dw", "!E is not defined"},
        {"d/dv[k] (sum[j](v[j]^2))", "d/dv[k] (sum[j](v[j]^2))"},
        {"d^2/dv[k]dv[l] (v^T*v)", "d^2/dv[k]dv[l] (sum[m](v[m]*v[m]))"},
        {"grad(x^2 + y^2)", "(d/dx (x^2 + y^2), d/dy (x^2 + y^2))"},
        {"grad(x^2*y; x)", "d/dx (x^2*y)"},
        {"hess(x*y; x, y)", "((d^2/dx^2 (x*y), d^2/dxdy (x*y)), (d^2/dydx (x*y), d^2/dy^2 (x*y)))"},
        {"grad(F)(1, 2)", "(D[1](F)(1, 2), D[2](F)(1, 2))"},
        {"D(F)(1, 2; 3, 4)", "D[1](F)(1, 2)*3 + D[2](F)(1, 2)*4"},
        {"D[1,2](F)(x, y)", "D[1,2](F)(x, y)"},
        {"lim[h -> 0](sin(h)/h)", "lim[h -> 0](sin(h)/h)"},
        {"lim[x -> 0+](1/x)", "lim[x -> 0+](1/x)"},
        {"lim[x -> -inf](e^x)", "lim[x -> -inf](e^x)"},
        {"d / dx", "d/dx"},
        {"grad(v^T*v)", "!name the variables|data"},
        {"grad(q)", "!q is not defined"},
        {"F'(x)", "!2 arguments"},
        {"d/dpi (x)", "!constant"},
    };
    double v[] = {1, 2, 3};
    gradus_ctx *ctx = fresh();
    static const char *const defined = "f(u) = u^2;; F(x, y) = x^2*y;; L = w^2";
    assert_int_equal(text_define(ctx, defined, strlen(defined), TEXT_PLAIN, NULL), GRADUS_OK);
    term_sym_bind(ctx, term_sym(ctx, "v", 1), 1, (int64_t[]){3}, v);
    READ(ctx, rows, TEXT_PLAIN);
    ctx_free(ctx);
}

static void sizes_that_were_unknown_are_compared_when_bound(void **state)
{
    (void)state;
    double v[] = {1, 2, 3};
    static const char *const sum = "sum[j](w[j]*x[j])";
    for (int same = 0; same < 2; same++) {
        gradus_ctx *ctx = fresh();
        assert_true(text_parse(ctx, sum, strlen(sum), TEXT_PLAIN) != TERM_NONE);
        term_sym_bind(ctx, term_sym(ctx, "w", 1), 1, (int64_t[]){3}, v);
        term_sym_bind(ctx, term_sym(ctx, "x", 1), 1, (int64_t[]){2 + same}, v);
        assert_int_equal(text_check_sizes(ctx), same ? GRADUS_OK : GRADUS_SHAPE);
        ctx_free(ctx);
    }
}

static void every_part_knows_where_it_was_typed(void **state)
{
    (void)state;
    gradus_ctx *ctx = fresh();
    static const char *const s = "1 + sin( x^2 )";
    term t = text_parse(ctx, s, strlen(s), TEXT_PLAIN);
    assert_true(t != TERM_NONE);
    term sine = text_parse(ctx, "sin(x^2)", 8, TEXT_PLAIN);
    span w = text_span(ctx, sine);
    assert_int_equal(w.source, 1);
    assert_int_equal(w.first, 4);
    assert_int_equal(w.past, 14);
    term made = term_int(ctx, 12345);
    assert_int_equal(text_span(ctx, made).source, 0);
    text_set_origin(ctx, made, sine);
    assert_int_equal(text_span(ctx, made).first, 4);
    ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_documented),
        cmocka_unit_test(reducers_take_their_range_from_what_they_index),
        cmocka_unit_test(matrix_notation_is_lowered_to_indices),
        cmocka_unit_test(derivatives_are_nodes),
        cmocka_unit_test(sizes_that_were_unknown_are_compared_when_bound),
        cmocka_unit_test(every_part_knows_where_it_was_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
