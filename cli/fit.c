/* fit: a model's parameters from measurements. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* The sentence about the stop, after its name. */
static void print_stop(const gradus_answer *ans)
{
    out("%s: %s\n", gradus_answer_stop(ans), gradus_answer_reason(ans));
}

static void print_fit(const gradus_answer *ans)
{
    char text[NUMBER_SIZE];
    const double *v;
    size_t n = gradus_answer_table(ans, NULL, NULL, &v);
    int widest = 9;
    for (size_t i = 0; i < n; i++)
        if ((int)strlen(gradus_answer_name(ans, i)) > widest)
            widest = (int)strlen(gradus_answer_name(ans, i));
    out("%s\n%-*s  %-18s standard error\n", gradus_answer_echo(ans), widest, "parameter", "value");
    for (size_t i = 0; i < n; i++) {
        out("%-*s  %-18s ", widest, gradus_answer_name(ans, i), number_text(text, v[2 * i], 10));
        out("%s\n", number_text(text, v[2 * i + 1], 4));
    }
    out("rss %s over %.0f rows", number_text(text, gradus_answer_number(ans, "rss"), 10),
        gradus_answer_number(ans, "rows"));
    out(", sigma %s", number_text(text, gradus_answer_number(ans, "sigma"), 5));
    out(", %.0f iterations\n", gradus_answer_number(ans, "iterations"));
    print_stop(ans);
}

static int fit(args *a, gradus_ctx *ctx, gradus_fit_query *q)
{
    gradus_answer *ans = gradus_fit(ctx, q);
    if (!ans) {
        complain("out of memory");
        return EXIT_RESOURCE;
    }
    int code = gradus_status_exit_code(gradus_answer_status(ans));
    if (a->count[O_JSON]) out("%s\n", gradus_answer_json(ans, NULL));
    else if (report(ans) == EXIT_DONE) print_fit(ans);
    if (code == EXIT_DONE && strcmp(gradus_answer_stop(ans), "converged") != 0) code = EXIT_NO;
    gradus_answer_free(ans);
    return code;
}

int command_fit(args *a)
{
    gradus_fit_query q;
    bindings start;
    int code = EXIT_DONE;
    gradus_fit_query_defaults(&q);
    char *model = formula_operand(a);
    if (!model) return a->exit;
    q.model = model;
    q.format = a->count[O_LATEX] ? GRADUS_LATEX : GRADUS_TEXT;
    q.data.path = args_get(a, O_DATA);
    q.max_steps = (uint64_t)args_long(a, O_MAX_STEPS, 1, 1000000000, 0);
    q.tolerance = args_positive(a, O_TOLERANCE, 0);
    bool ok = bindings_parse(&start, "start", args_get(a, O_START));
    q.start = start.at;
    q.start_count = (size_t)start.count;
    if (ok && !q.data.path)
        ok = (complain("`gradus fit` needs measurements: --data FILE, a CSV file whose first line names the "
                       "columns"),
              false);
    if (ok && !start.count)
        ok = (complain("`gradus fit` needs the parameters and where to begin: --start b1=1,b2=0.5"), false);
    gradus_ctx *ctx = ok && !a->exit ? session_new(a, &code) : NULL;
    if (ctx) code = fit(a, ctx, &q);
    else if (!code) code = EXIT_USAGE;
    gradus_ctx_free(ctx);
    bindings_free(&start);
    free(model);
    return code;
}
