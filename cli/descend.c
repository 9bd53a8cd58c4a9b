/* descend: gradient descent, its steps and why it stopped. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const methods[] = {"linesearch", "gd", "momentum", NULL};
static const char *const traces[] = {"csv", "json", NULL};

/* ---- the page
 * ------------------------------------------------------------------------------------------------ */

enum { COLUMN = 13 };

static void print_row(const double *row, size_t columns)
{
    char text[NUMBER_SIZE];
    out("%-6.0f", row[0]);
    for (size_t k = 1; k < columns; k++)
        out(" %-*s", k + 1 == columns ? 0 : COLUMN, number_text(text, row[k], 6));
    out("\n");
}

/* At most twelve steps: the first ones, a line of dots, the last ones. */
static void print_steps(const gradus_answer *ans)
{
    enum { FEW = 6 };
    const char *const *name;
    const double *v;
    size_t columns, rows = gradus_answer_table(ans, &name, &columns, &v);
    out("%-6s", name[0]);
    for (size_t k = 1; k < columns; k++) out(" %-*s", k + 1 == columns ? 0 : COLUMN, name[k]);
    out("\n");
    double last = -1;
    for (size_t i = 0; i < rows; i++) {
        if (i >= FEW && i + FEW < rows) continue;
        if (v[i * columns] > last + 1) out("...\n");
        last = v[i * columns];
        print_row(v + i * columns, columns);
    }
}

static void print_descent(const gradus_answer *ans)
{
    char text[NUMBER_SIZE];
    const double *x;
    size_t n = gradus_answer_values(ans, &x, NULL, NULL);
    bool converged = strcmp(gradus_answer_stop(ans), "converged") == 0;
    double steps = gradus_answer_number(ans, "iterations");
    print_steps(ans);
    /* Where the descent did not move, a slope of zero may belong to a highest or saddle point as well. */
    out("%s %s at", !converged ? "lowest value" : steps > 0 ? "minimum" : "stationary point (a minimum, maximum or saddle)",
        number_text(text, gradus_answer_number(ans, "value"), 0));
    for (size_t i = 0; i < n; i++)
        out("%s %s = %s", i ? "," : "", gradus_answer_name(ans, i), number_text(text, x[i], 0));
    out("\n%s after %.0f step%s: %s\n", gradus_answer_stop(ans), steps, steps == 1 ? "" : "s",
        gradus_answer_reason(ans));
    for (size_t i = 0; gradus_answer_kink(ans, i); i++) out("  at %s\n", gradus_answer_kink(ans, i));
}

/* ---- the trace
 * --------------------------------------------------------------------------------------------------- */

/* To the file of -o, else to standard output. Exit code. */
static int write_trace(args *a, gradus_ctx *ctx, gradus_answer *ans, bool json)
{
    const char *path = args_get(a, O_OUTPUT), *text = gradus_answer_table_text(ans, json);
    if (!text) {
        complain("out of memory");
        return EXIT_RESOURCE;
    }
    if (!path) {
        out("%s", text);
        return EXIT_DONE;
    }
    gradus_answer *written = gradus_write_file(ctx, path, text, strlen(text));
    int code = written ? report(written) : EXIT_RESOURCE;
    gradus_answer_free(written);
    return code;
}

static int show(args *a, gradus_ctx *ctx, gradus_answer *ans)
{
    int trace = args_choice(a, O_TRACE, traces, -1), code = EXIT_DONE;
    bool to_file = args_get(a, O_OUTPUT) != NULL;
    if (!a->count[O_JSON]) report(ans);
    if (trace >= 0 && (to_file || !a->count[O_JSON])) code = write_trace(a, ctx, ans, trace == 1);
    if (a->count[O_JSON]) out("%s\n", gradus_answer_json(ans, NULL));
    else if (trace < 0 || to_file) print_descent(ans);
    else if (strcmp(gradus_answer_stop(ans), "converged") != 0)
        complain("%s: %s", gradus_answer_stop(ans), gradus_answer_reason(ans));
    if (code == EXIT_DONE && strcmp(gradus_answer_stop(ans), "converged") != 0) code = EXIT_NO;
    return code;
}

/* ---- the command
 * -------------------------------------------------------------------------------------------------- */

static int descend(args *a, gradus_ctx *ctx, const gradus_descend_query *q)
{
    gradus_answer *ans = gradus_descend(ctx, q);
    if (!ans) {
        complain("out of memory");
        return EXIT_RESOURCE;
    }
    int code = gradus_status_exit_code(gradus_answer_status(ans));
    if (code == EXIT_DONE) {
        const char *picture = args_get(a, O_PLOT);
        code = show(a, ctx, ans);
        int drawn = picture ? plot_descent(a, ctx, q, ans, picture) : EXIT_DONE;
        code = drawn == EXIT_DONE ? code : drawn;
    } else if (a->count[O_JSON]) out("%s\n", gradus_answer_json(ans, NULL));
    else report(ans);
    gradus_answer_free(ans);
    return code;
}

static void read_options(args *a, gradus_descend_query *q)
{
    q->format = a->count[O_LATEX] ? GRADUS_LATEX : GRADUS_TEXT;
    q->data.path = args_get(a, O_DATA);
    q->rate = args_positive(a, O_RATE, 0);
    q->momentum = args_positive(a, O_MOMENTUM, 0);
    /* A rate or a momentum is a wish for a fixed rate. */
    int otherwise = q->momentum != 0 ? GRADUS_DESCENT_MOMENTUM
                    : q->rate != 0   ? GRADUS_DESCENT_RATE
                                     : GRADUS_DESCENT_LINESEARCH;
    q->method = (gradus_descent)args_choice(a, O_METHOD, methods, otherwise);
    q->max_steps = (uint64_t)args_long(a, O_MAX_STEPS, 1, 1000000000, 0);
    q->tolerance = args_positive(a, O_TOLERANCE, 0);
    q->trace = a->count[O_TRACE] || a->count[O_PLOT];
    args_choice(a, O_TRACE, traces, 0);
    if (args_get(a, O_OUTPUT) && !a->count[O_TRACE]) {
        complain("--output says where to write the trace: add --trace csv");
        a->exit = EXIT_USAGE;
    }
}

int command_descend(args *a)
{
    gradus_descend_query q;
    bindings from, at = {0};
    int code = EXIT_DONE;
    gradus_descend_query_defaults(&q);
    char *expr = formula_operand(a);
    if (!expr) return a->exit;
    q.expr = expr;
    read_options(a, &q);
    bool ok = bindings_parse(&from, "from", args_get(a, O_FROM)) &&
              bindings_parse(&at, "at", args_get(a, O_AT));
    q.from = from.at;
    q.from_count = (size_t)from.count;
    q.at = at.at;
    q.at_count = (size_t)at.count;
    if (ok && !from.count)
        ok = (complain("`gradus descend` needs a point to start from: --from x=1,y=1"), false);
    gradus_ctx *ctx = ok && !a->exit ? session_new(a, &code) : NULL;
    if (ctx) code = descend(a, ctx, &q);
    else if (!code) code = EXIT_USAGE;
    gradus_ctx_free(ctx);
    bindings_free(&from);
    bindings_free(&at);
    free(expr);
    return code;
}
