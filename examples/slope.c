/* slope: the derivative of a formula and its value at a point, through the library.
 *
 *     cc slope.c $(pkg-config --cflags --libs gradus) -o slope
 *     ./slope 'x^2*sin(x)' 1                                                                  */
#include <gradus.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3) return fprintf(stderr, "usage: slope FORMULA X\n"), 2;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    gradus_value point = {.name = "x", .text = argv[2]};
    const char *x = "x";

    gradus_query q;
    gradus_query_defaults(&q, GRADUS_OP_DIFF);
    q.expr = argv[1];
    q.wrt = &x, q.wrt_count = 1;
    q.at = &point, q.at_count = 1;

    gradus_answer *a = gradus_ask(ctx, &q);
    gradus_status status = a ? gradus_answer_status(a) : GRADUS_NOMEM;
    const double *value;
    if (status != GRADUS_OK) fputs(a ? gradus_answer_error(a) : "out of memory\n", stderr);
    else if (printf("%s\n", gradus_answer_text(a)), gradus_answer_values(a, &value, NULL, NULL) == 1)
        printf("at x = %s: %.17g\n", argv[2], value[0]);
    gradus_answer_free(a);
    gradus_ctx_free(ctx);
    return gradus_status_exit_code(status);
}
