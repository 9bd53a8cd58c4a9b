/* ask: the commands that are one question: diff, eval, grad, jacobian, hessian, check, simplify, limit, print. */
#include "cli.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the session: limits, definitions, arrays ----------------------------------------------------------- */

static int define(gradus_ctx *ctx, const char *text)
{
    gradus_query q;
    gradus_query_defaults(&q, GRADUS_OP_DEFINE);
    q.expr = text;
    gradus_answer *a = gradus_ask(ctx, &q);
    int code = a ? report(a) : EXIT_RESOURCE;
    gradus_answer_free(a);
    return code;
}

/* `v=[1,2,3]` goes through the batch door, which reads JSON arrays. */
static int give(gradus_ctx *ctx, const char *text)
{
    const char *eq = strchr(text, '=');
    if (!eq || eq == text) {
        complain("--given %s: write NAME=[...], as in --given 'v=[1,2,3]'", text);
        return EXIT_USAGE;
    }
    size_t n = strlen(text) + 80;
    char *line = malloc(n);
    if (!line)
        return EXIT_RESOURCE;
    int length = snprintf(line, n, "{\"op\":\"print\",\"expr\":\"0\",\"given\":{\"%.*s\":%s}}", (int)(eq - text), text, eq + 1);
    char *reply = gradus_batch_line(ctx, line, (size_t)length);
    bool ok = reply && strstr(reply, "\"ok\":true");
    if (!ok)
        complain("--given %s: not a JSON array of numbers with rows of equal length", text);
    gradus_string_free(ctx, reply);
    free(line);
    return ok ? EXIT_DONE : EXIT_USAGE;
}

gradus_ctx *session_new(args *a, int *code)
{
    long nodes = args_long(a, O_LIMIT_NODES, 1, 4000000000L, 0);
    double seconds = args_real(a, O_LIMIT_SECONDS, 0);
    *code = a->exit;
    if (a->exit)
        return NULL;
    gradus_ctx *ctx = gradus_ctx_new(NULL, NULL);
    if (!ctx) {
        complain("out of memory");
        *code = EXIT_RESOURCE;
        return NULL;
    }
    gradus_set_limits(ctx, (uint64_t)nodes, seconds);
    for (int i = 0; i < a->count[O_GIVEN] && !*code; i++)
        *code = give(ctx, a->value[O_GIVEN][i]);
    for (int i = 0; i < a->count[O_DEFINE] && !*code; i++)
        *code = define(ctx, a->value[O_DEFINE][i]);
    if (*code) {
        gradus_ctx_free(ctx);
        return NULL;
    }
    return ctx;
}

/* ---- printing an answer ------------------------------------------------------------------------------------- */

static void print_number(const gradus_answer *a, size_t i, double v)
{
    const char *digits = gradus_answer_digits(a, i);
    if (digits && *digits != '?')
        out("%s", digits);
    else if (isfinite(v)) {
        char text[NUMBER_SIZE];
        out("%s", number_text(text, v, 0));
    } else
        out("%s", !isnan(v) ? (v > 0 ? "inf" : "-inf")
                  : gradus_answer_problem_code(a) == GRADUS_UNABLE ? "undecided" : "undefined");
}

static void print_values(const gradus_answer *a)
{
    const double *v;
    const int64_t *dims;
    uint32_t rank;
    size_t n = gradus_answer_values(a, &v, &rank, &dims);
    size_t row = rank ? (size_t)dims[rank - 1] : 1;
    for (size_t i = 0; i < n; i++) {
        bool first = i % row == 0, last = i % row == row - 1;
        if (rank && first)
            out("(");
        print_number(a, i, v[i]);
        out(rank && last ? ")\n" : rank ? ", " : "\n");
    }
}

static bool is_checking(const args *a) { return a->command->operation == GRADUS_OP_CHECK; }

static void print_point(const args *a)
{
    if (args_get(a, O_AT))
        out("at %s: ", args_get(a, O_AT));
}

static int print_plain(args *a, gradus_answer *ans, gradus_format format)
{
    const char *steps = gradus_answer_steps(ans);
    bool evaluates = a->command->operation == GRADUS_OP_EVAL, tabled = a->command->operation == GRADUS_OP_SLOPE;
    if (is_checking(a)) {
        out("%s\n", gradus_answer_verdict(ans));
        gradus_truth t = gradus_answer_equal(ans);
        return t == GRADUS_YES ? EXIT_DONE : t == GRADUS_NO ? EXIT_NO : EXIT_UNDECIDED;
    }
    if (*steps)
        out("%s", steps);
    else if (!evaluates)
        out("%s\n", gradus_answer_format(ans, format));
    for (size_t i = 0; gradus_answer_condition(ans, i); i++)
        if (!strstr(steps, gradus_answer_condition(ans, i)))
            out("%s %s\n", i ? "  and" : "  for", gradus_answer_condition(ans, i));
    for (size_t i = 0; gradus_answer_kink(ans, i) && !*steps; i++)
        out("  at %s\n", gradus_answer_kink(ans, i));
    const double *v;
    if (!tabled && gradus_answer_values(ans, &v, NULL, NULL) && (evaluates || args_get(a, O_AT) || a->count[O_GIVEN])) {
        if (!evaluates)
            print_point(a);
        print_values(ans);
        if (!evaluates && gradus_answer_direction(ans))
            out("%s\n", gradus_answer_direction(ans));
    }
    return gradus_answer_problem_code(ans) == GRADUS_UNABLE ? EXIT_UNDECIDED : EXIT_DONE;
}

/* ---- the commands ---------------------------------------------------------------------------------------------- */

/* The formula: the operands, one line each (check takes several lines). "-" reads standard input. */
static char *read_formula(const args *a)
{
    if (a->operand_count == 1 && strcmp(a->operand[0], "-") == 0) {
        char *text = NULL;
        size_t cap = 0, n = 0, k;
        do {
            cap = cap ? cap * 2 : 4096;
            char *bigger = realloc(text, cap + 1);
            if (!bigger) {
                free(text);
                return NULL;
            }
            text = bigger;
            k = fread(text + n, 1, cap - n, stdin);
            n += k;
        } while (n == cap);
        while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
            n--;
        text[n] = 0;
        return text;
    }
    size_t n = 1;
    for (int i = 0; i < a->operand_count; i++)
        n += strlen(a->operand[i]) + 1;
    char *text = calloc(n, 1);
    for (int i = 0; text && i < a->operand_count; i++) {
        if (i)
            strcat(text, "\n");
        strcat(text, a->operand[i]);
    }
    return text;
}

static bool wrong_operands(args *a)
{
    bool many = a->command->operation == GRADUS_OP_CHECK;
    if (a->operand_count == 1 || (many && a->operand_count > 1))
        return false;
    if (a->operand_count == 0)
        complain("`gradus %s` needs a formula: gradus %s", a->command->name, a->command->example);
    else
        complain("one formula is expected, found %d: put it in quotes, as in gradus %s", a->operand_count, a->command->example);
    return true;
}

char *formula_operand(args *a)
{
    if (wrong_operands(a)) {
        a->exit = EXIT_USAGE;
        return NULL;
    }
    char *text = read_formula(a);
    if (!text) {
        complain("out of memory");
        a->exit = EXIT_RESOURCE;
    }
    return text;
}

static gradus_op operation(args *a)
{
    if (args_get(a, O_IMPLICIT))
        return GRADUS_OP_IMPLICIT;
    if (args_get(a, O_ALONG))
        return GRADUS_OP_DIRECTION;
    return (gradus_op)a->command->operation;
}

/* The other name of an implicit derivative: --wrt, or x. */
static list variables(args *a)
{
    list wrt = {0};
    if (args_get(a, O_WRT))
        wrt = list_split(args_get(a, O_WRT));
    else if (args_get(a, O_IMPLICIT))
        wrt = list_split("x");
    if (args_get(a, O_IMPLICIT)) {
        list y = list_split(args_get(a, O_IMPLICIT));
        char **at = realloc(wrt.at, (size_t)(wrt.count + 1) * sizeof *at);
        if (at && y.count == 1) {
            wrt.at = at;
            wrt.at[wrt.count++] = y.at[0];
            free(y.at);
        } else
            list_free(&y);
    }
    return wrt;
}

static int ask(args *a, const char *text)
{
    static const char *const formats[] = {"text", "latex", "unicode", "mathml", "json", NULL};
    static const char *const levels[] = {"none", "brief", "full", "atomic", NULL};
    static const char *const engines[] = {"ball", "float", NULL};
    gradus_query q;
    bindings at;
    gradus_query_defaults(&q, operation(a));
    list wrt = variables(a), along = {0};
    if (args_get(a, O_ALONG))
        along = list_split(args_get(a, O_ALONG));
    bool ok = bindings_parse(&at, "at", args_get(a, O_AT));
    q.expr = text;
    q.format = a->count[O_LATEX] ? GRADUS_LATEX : GRADUS_TEXT;
    q.output = (gradus_format)args_choice(a, O_FORMAT, formats, GRADUS_TEXT);
    q.wrt = (const char *const *)wrt.at;
    q.wrt_count = (size_t)wrt.count;
    q.order = (uint32_t)args_long(a, O_ORDER, 0, 1000, 1);
    q.at = at.at;
    q.at_count = (size_t)at.count;
    q.declare = args_get(a, O_DECLARE);
    q.of = args_get(a, O_OF);
    q.along = (const char *const *)along.at;
    q.along_count = (size_t)along.count;
    q.method = args_get(a, O_METHOD);
    q.digits = args_long(a, O_DIGITS, 1, 100000, 0);
    q.engine = (gradus_engine)args_choice(a, O_ENGINE, engines, GRADUS_ENGINE_BALL);
    q.steps = a->count[O_STEPS] ? (gradus_level)args_choice(a, O_STEPS, levels, GRADUS_STEPS_FULL) : GRADUS_STEPS_NONE;
    q.hint = (int)args_long(a, O_HINT, 1, 5, 0);
    q.width = (unsigned)args_long(a, O_WIDTH, 20, 1000, 0);
    int code = ok ? a->exit : EXIT_USAGE;
    gradus_ctx *ctx = code ? NULL : session_new(a, &code);
    gradus_answer *ans = ctx ? gradus_ask(ctx, &q) : NULL;
    if (ctx && !ans) {
        complain("out of memory");
        code = EXIT_RESOURCE;
    }
    if (ans) {
        code = gradus_status_exit_code(gradus_answer_status(ans));
        if (a->count[O_JSON]) {
            out("%s\n", gradus_answer_json(ans, NULL));
            if (q.op == GRADUS_OP_CHECK && code == EXIT_DONE)
                code = gradus_answer_equal(ans) == GRADUS_YES  ? EXIT_DONE
                       : gradus_answer_equal(ans) == GRADUS_NO ? EXIT_NO
                                                               : EXIT_UNDECIDED;
        } else {
            report(ans);
            if (code == EXIT_DONE)
                code = print_plain(a, ans, q.output);
        }
    }
    gradus_answer_free(ans);
    gradus_ctx_free(ctx);
    bindings_free(&at);
    list_free(&wrt);
    list_free(&along);
    return code;
}

int command_ask(args *a)
{
    char *text = a->command->operation == GRADUS_OP_FUNCTIONS ? strdup("") : formula_operand(a);
    if (!text)
        return a->exit ? a->exit : EXIT_RESOURCE;
    int code = ask(a, text);
    free(text);
    return code;
}

/* ---- batch --------------------------------------------------------------------------------------------------------- */

int command_batch(args *a)
{
    int code = EXIT_DONE;
    gradus_ctx *ctx = session_new(a, &code);
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (!ctx)
        return code;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            n--;
        if (n == 0)
            continue;
        char *reply = gradus_batch_line(ctx, line, (size_t)n);
        if (!reply) {
            complain("out of memory");
            code = EXIT_RESOURCE;
            break;
        }
        puts(reply);
        gradus_string_free(ctx, reply);
        if (fflush(stdout) != 0)
            break;
    }
    free(line);
    gradus_ctx_free(ctx);
    return code;
}
