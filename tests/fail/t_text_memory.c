/* Every allocation of the reader refused once: a status, nothing lost, nothing freed twice, and the next
 * reading works. */
#include "support/cm.h"
#include "support/refusing.h"
#include "text/text.h"

#include <string.h>

/* Definitions, matrices, reducers, derivatives, notes, a refusal; LaTeX. False when anything failed. */
static bool read_all(gradus_ctx *ctx)
{
    static const char *const defined =
        "f(x) = x^2;; h[0] = 1;; h[t] = 2*h[t-1] + f(t) for t = 1..5;; L = w^2";
    static const char *const plain[] = {
        "1/2x + sin^2(x)*{x if x > 0; [x < -1] otherwise} - |x|^(3/4)",
        "sum[i,j : i < j](A[i,j]*v[i]*v[j]) + max[i](v[i]) - mean[i : v[i] > 0](v[i])",
        "grad(v^T*A*v; v)^T*inv(A + 2*eye(2))*softmax(v) + f'(h[3]) + dL/dw",
        "lim[x -> 0+](sin(x)/x) + D(f)(1; 2) + (1, 2)[1] + kron(A, A)[1,1] + norm(A*v - 1)",
    };
    static const char *const latex[] = {
        "\\frac{d}{dx} x^2 \\sin x + \\sum_{i=1}^{4} i^2 + \\log_3 x",
        "\\begin{cases} x & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}",
        "\\lim_{h \\to 0} \\frac{f(x+h)-f(x)}{h} = \\frac{\\partial z}{\\partial x} + \\begin{pmatrix} 1 "
        "\\\\ 2 \\end{pmatrix}_{1}",
    };
    double v[] = {1, 2}, a[] = {2, 1, 1, 3};
    term d = term_sym(ctx, "v", 1), m = term_sym(ctx, "A", 1);
    if (!d || !m || !term_sym_bind(ctx, d, 1, (int64_t[]){2}, v) ||
        !term_sym_bind(ctx, m, 2, (int64_t[]){2, 2}, a))
        return false;
    static const char *const declared = "X[i=1..n, j=1..2], y[i=1..n]:class, g(x)";
    if (text_declare(ctx, declared, strlen(declared)) != GRADUS_OK) return false;
    if (text_define(ctx, defined, strlen(defined), TEXT_PLAIN, NULL) != GRADUS_OK ||
        !text_know_name(ctx, "x", 1))
        return false;
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
        if (!text_parse(ctx, plain[k], strlen(plain[k]), TEXT_PLAIN)) return false;
    for (size_t k = 0; k < sizeof latex / sizeof *latex; k++)
        if (!text_parse(ctx, latex[k], strlen(latex[k]), TEXT_LATEX)) return false;
    return text_parse_variable(ctx, "A[k,l]", 6) && text_check_sizes(ctx) == GRADUS_OK;
}

static void each_refused_allocation_is_survived(void **state)
{
    (void)state;
    refusing all = {0};
    gradus_ctx *ctx = ctx_new(refusing_alloc, &all);
    assert_true(term_room_init(ctx));
    size_t before = all.calls;
    assert_true(read_all(ctx));
    size_t total = all.calls - before;
    ctx_free(ctx);
    assert_int_equal(all.live, 0);
    assert_int_equal(all.wrong, 0);
    assert_true(total > 100);
    for (size_t n = 1; n <= total; n++) {
        refusing r = {.nth = before + n};
        ctx = ctx_new(refusing_alloc, &r);
        bool ready = ctx && term_room_init(ctx);
        if (ready && !read_all(ctx)) {
            assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
            ctx_begin(ctx);
            assert_true(text_parse(ctx, "x + 1", 5, TEXT_PLAIN) != TERM_NONE);
        }
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_refused_allocation_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
