/* series: `gradus slope --data`: the derivative of a measured series. (Without --data slope is one question:
 * ask.c.) */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void print_series(const args *a, const gradus_answer *ans)
{
    char text[NUMBER_SIZE];
    const char *const *name;
    const double *v;
    size_t columns, rows = gradus_answer_table(ans, &name, &columns, &v);
    long order = args_get(a, O_ORDER) ? strtol(args_get(a, O_ORDER), NULL, 10) : 1;
    out("%s by %s, ", args_get(a, O_Y), args_get(a, O_X));
    if (order > 1) out("derivative %ld: ", order);
    out("local polynomials of degree %.0f, ", gradus_answer_number(ans, "degree"));
    out("half width %s (%s)", number_text(text, gradus_answer_number(ans, "smooth"), 5),
        args_get(a, O_SMOOTH) && strcmp(args_get(a, O_SMOOTH), "auto") ? "as given" : "by cross-validation");
    out(", noise %s\n", number_text(text, gradus_answer_number(ans, "sigma"), 4));
    for (size_t k = 0; k < columns; k++)
        out(k + 1 == columns ? "%s\n" : "%-14s ", k == 1 ? args_get(a, O_Y) : name[k]);
    for (size_t i = 0; i < rows * columns; i++)
        out(i % columns + 1 == columns ? "%s\n" : "%-14s ",
            number_text(text, v[i], i % columns == 3 ? 3 : 8));
}

static int show(args *a, gradus_ctx *ctx, gradus_answer *ans)
{
    const char *path = args_get(a, O_OUTPUT);
    int code = gradus_status_exit_code(gradus_answer_status(ans));
    if (a->count[O_JSON]) out("%s\n", gradus_answer_json(ans, NULL));
    else report(ans);
    if (code == EXIT_DONE && !a->count[O_JSON] && !path) print_series(a, ans);
    if (code == EXIT_DONE && path) {
        const char *text = gradus_answer_table_text(ans, false);
        gradus_answer *written = text ? gradus_write_file(ctx, path, text, strlen(text)) : NULL;
        code = written ? report(written) : EXIT_RESOURCE;
        gradus_answer_free(written);
    }
    return code;
}

static int series(args *a)
{
    gradus_series_query q;
    gradus_series_query_defaults(&q);
    q.data.path = args_get(a, O_DATA);
    q.x = args_get(a, O_X);
    q.y = args_get(a, O_Y);
    q.order = (uint32_t)args_long(a, O_ORDER, 1, 4, 1);
    if (args_get(a, O_SMOOTH) && strcmp(args_get(a, O_SMOOTH), "auto") != 0)
        q.smooth = args_positive(a, O_SMOOTH, 0);
    if (!q.x || !q.y) {
        complain("say which columns: --x t --y d (the slope of d by t)");
        return EXIT_USAGE;
    }
    if (a->operand_count) {
        complain("either a formula or --data, not both: `%s`", a->operand[0]);
        return EXIT_USAGE;
    }
    int code = EXIT_DONE;
    gradus_ctx *ctx = a->exit ? NULL : session_new(a, &code);
    if (!ctx) return code ? code : EXIT_USAGE;
    gradus_answer *ans = gradus_series(ctx, &q);
    if (ans) code = show(a, ctx, ans);
    else {
        complain("out of memory");
        code = EXIT_RESOURCE;
    }
    gradus_answer_free(ans);
    gradus_ctx_free(ctx);
    return code;
}

int command_slope(args *a)
{
    if (args_get(a, O_DATA)) return series(a);
    if (args_get(a, O_X) || args_get(a, O_Y) || args_get(a, O_SMOOTH) || args_get(a, O_OUTPUT) ||
        args_get(a, O_ORDER)) {
        complain("--x, --y, --order, --smooth and --output go with measurements: --data FILE");
        return EXIT_USAGE;
    }
    return command_ask(a);
}
