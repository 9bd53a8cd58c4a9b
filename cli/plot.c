/* plot: pictures in a file or in the terminal; the path of a descent over its function. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TERMINAL_COLUMNS = 72, TERMINAL_ROWS = 24, MARKS_MOST = 64 };

/* What the options say; strings are cut out of copies that live in `parts`. */
typedef struct plot_input {
    gradus_plot_query q;
    list parts[2 * MARKS_MOST + 1]; /* one for the names of a fit */
    int part_count;
    gradus_range range[MARKS_MOST];
    gradus_mark mark[MARKS_MOST];
    bindings at;
    gradus_value *fixed; /* at, and the parameters of a fit */
    double *path;
    char *typed; /* the formula from standard input */
} plot_input;

static void clear(plot_input *in)
{
    for (int i = 0; i < in->part_count; i++) list_free(&in->parts[i]);
    bindings_free(&in->at);
    free(in->fixed);
    free(in->path);
    free(in->typed);
}

/* ---- ranges and marks
 * ------------------------------------------------------------------------------------------ */

static list *cut_list(plot_input *in, const char *text)
{
    if (in->part_count == 2 * MARKS_MOST) return NULL;
    list *l = &in->parts[in->part_count++];
    *l = list_split(text);
    return l;
}

/* "x=1" is cut at the sign: the name is answered (NULL: none), *value is the rest. */
static const char *cut_name(char *text, char **value)
{
    char *eq = strchr(text, '=');
    *value = text;
    if (!eq) return NULL;
    *value = eq + 1;
    do *eq-- = 0;
    while (eq >= text && *eq == ' ');
    return text;
}

static bool read_range(plot_input *in, const char *text)
{
    list *l = cut_list(in, text);
    for (int i = 0; l && i < l->count; i++) {
        char *low, *dots = strstr(l->at[i], "..");
        const char *name = cut_name(l->at[i], &low);
        if (in->q.range_count == MARKS_MOST) {
            l = NULL;
            break;
        }
        if (!dots || dots <= low || !dots[2] || (name && !*name)) {
            complain("--range %s: write name=low..high, as in --range x=-5..5", text);
            return false;
        }
        *dots = 0;
        in->range[in->q.range_count++] = (gradus_range){name, low, dots + 2};
    }
    if (!l) complain("--range is given too often");
    return l != NULL;
}

static bool read_mark(plot_input *in, gradus_mark_kind kind, const char *option, const char *text)
{
    static const char *const forms[] = {"1,1 or x=1", "x=1", "x=1,2"};
    list *l = in->q.mark_count < MARKS_MOST ? cut_list(in, text) : NULL;
    if (!l) {
        complain("--%s is given too often: at most %d marks are drawn", option, MARKS_MOST);
        return false;
    }
    int least = kind == GRADUS_MARK_SECANT ? 2 : 1, most = kind == GRADUS_MARK_TANGENT ? 1 : 2;
    gradus_mark m = {.kind = kind};
    bool ok = l->count >= least && l->count <= most;
    for (int i = 0; ok && i < l->count; i++) {
        char *value;
        const char *name = cut_name(l->at[i], &value);
        ok = *value && !(name && !*name);
        if (i == 0) m.name = l->count == 1 || kind == GRADUS_MARK_SECANT ? name : NULL;
        *(i ? &m.second : &m.first) = value;
    }
    if (!ok) complain("--%s %s: write --%s %s", option, text, option, forms[kind]);
    else in->mark[in->q.mark_count++] = m;
    return ok;
}

static bool read_marks(plot_input *in, const args *a)
{
    static const option_id options[] = {O_POINT, O_TANGENT, O_SECANT};
    for (int i = 0; i < a->count[O_RANGE]; i++)
        if (!read_range(in, a->value[O_RANGE][i])) return false;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < a->count[options[k]]; i++)
            if (!read_mark(in, (gradus_mark_kind)k, option_rows[options[k]].name, a->value[options[k]][i]))
                return false;
    in->q.range = in->range;
    in->q.mark = in->mark;
    return true;
}

/* ---- where the picture goes
 * ------------------------------------------------------------------------------------- */

static long from_environment(const char *name)
{
    const char *s = getenv(name);
    long v = s ? strtol(s, NULL, 10) : 0;
    return v > 0 && v <= 1000 ? v : 0;
}

/* The size of the terminal, less a line for the prompt; colours where someone is there to see them. */
static void use_terminal(gradus_plot_query *q, const args *a)
{
    struct winsize w = {0};
    bool there = isatty(STDOUT_FILENO);
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    if (there) (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
    long columns = from_environment("COLUMNS"), rows = from_environment("LINES");
    columns = columns ? columns : w.ws_col;
    rows = rows ? rows : w.ws_row;
    if (q->width <= 0) q->width = columns <= 0 ? TERMINAL_COLUMNS : columns > 100 ? 100 : (double)columns;
    if (q->height <= 0) q->height = rows <= 9 || rows > 40 ? TERMINAL_ROWS : (double)rows - 1;
    q->ascii = a->count[O_ASCII] > 0;
    q->color = there && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0) && !q->ascii;
}

/* "x", "y" or "x,y" after --log. */
static void read_log(args *a, gradus_plot_query *q)
{
    const char *s = args_get(a, O_LOG);
    for (const char *p = s; p && *p; p++) {
        q->log_x |= *p == 'x';
        q->log_y |= *p == 'y';
        if (!strchr("xy, ", *p)) {
            complain("--log %s: write x, y or x,y", s);
            a->exit = EXIT_USAGE;
            return;
        }
    }
}

static void read_look(args *a, gradus_plot_query *q)
{
    q->format = a->count[O_LATEX] ? GRADUS_LATEX : GRADUS_TEXT;
    q->title = args_get(a, O_TITLE);
    q->width = (double)args_long(a, O_WIDTH, 20, 14400, 0);
    q->height = (double)args_long(a, O_HEIGHT, 8, 14400, 0);
    q->view = a->count[O_MAP] ? GRADUS_VIEW_MAP : a->count[O_SURFACE] ? GRADUS_VIEW_SPACE : GRADUS_VIEW_AUTO;
    read_log(a, q);
    if (a->count[O_DERIVATIVE])
        q->derivatives = *args_get(a, O_DERIVATIVE) ? (unsigned)args_long(a, O_DERIVATIVE, 1, 4, 1) : 1;
    q->data.path = args_get(a, O_DATA);
    q->data_x = args_get(a, O_X);
    q->data_y = args_get(a, O_Y);
    if (!q->file && q->picture == GRADUS_PICTURE_TERMINAL) use_terminal(q, a);
}

static int finish(args *a, gradus_ctx *ctx, const gradus_plot_query *q)
{
    gradus_answer *ans = gradus_plot(ctx, q);
    if (!ans) {
        complain("out of memory");
        return EXIT_RESOURCE;
    }
    int code = gradus_status_exit_code(gradus_answer_status(ans));
    if (a->count[O_JSON]) out("%s\n", gradus_answer_json(ans, NULL));
    else if (report(ans) == EXIT_DONE) {
        size_t n;
        const void *bytes = gradus_answer_picture(ans, &n);
        if (bytes) (void)fwrite(bytes, 1, n, stdout); /* out_close tells of a failure */
        else out("%s%s", gradus_answer_text(ans), q->file ? "\n" : "");
    }
    gradus_answer_free(ans);
    return code;
}

/* ---- paths and fits
 * ----------------------------------------------------------------------------------------------- */

/* The points of a descent: the columns of the variables in its table, in the order of their names as the
 * picture has them. NULL: none (more than two variables). */
static double *path_points(gradus_answer *ans, size_t *count)
{
    const double *v;
    size_t columns, rows = gradus_answer_table(ans, NULL, &columns, &v), vars = 0;
    while (gradus_answer_name(ans, vars)) vars++;
    if (vars < 1 || vars > 2) return NULL;
    bool swapped = vars == 2 && strcmp(gradus_answer_name(ans, 0), gradus_answer_name(ans, 1)) > 0;
    double *path = calloc(rows * vars + 1, sizeof *path);
    for (size_t i = 0; path && i < rows; i++)
        for (size_t k = 0; k < vars; k++) path[i * vars + k] = v[i * columns + 1 + (swapped ? 1 - k : k)];
    *count = rows;
    return path;
}

int plot_descent(args *a, gradus_ctx *ctx, const gradus_descend_query *d, gradus_answer *ans,
                 const char *file)
{
    gradus_plot_query q;
    gradus_plot_query_defaults(&q);
    double *path = path_points(ans, &q.path_count);
    if (!path) {
        complain("a picture shows a descent of one variable or two");
        return EXIT_USAGE;
    }
    q.expr = &d->expr;
    q.expr_count = 1;
    q.format = d->format;
    q.at = d->at;
    q.at_count = d->at_count;
    q.path = path;
    q.view = GRADUS_VIEW_AUTO;
    q.file = file;
    gradus_answer *picture = gradus_plot(ctx, &q);
    int code = picture ? report(picture) : EXIT_RESOURCE;
    bool only_trace = a->count[O_TRACE] && !a->count[O_OUTPUT];
    if (code == EXIT_DONE && !a->count[O_JSON] && !only_trace) out("%s\n", gradus_answer_text(picture));
    gradus_answer_free(picture);
    free(path);
    return code;
}

/* --from: the steps of a descent on the (only) formula become the path. */
static int find_path(args *a, gradus_ctx *ctx, plot_input *in)
{
    gradus_descend_query d;
    bindings from;
    gradus_descend_query_defaults(&d);
    if (in->q.expr_count != 1) {
        complain("--from: a descent needs one formula, found %zu", in->q.expr_count);
        return EXIT_USAGE;
    }
    d.expr = in->q.expr[0];
    d.format = in->q.format;
    d.rate = args_positive(a, O_RATE, 0);
    d.method = d.rate > 0 ? GRADUS_DESCENT_RATE : GRADUS_DESCENT_LINESEARCH;
    d.max_steps = (uint64_t)args_long(a, O_MAX_STEPS, 1, 1000000, 0);
    d.at = in->q.at;
    d.at_count = in->q.at_count;
    d.trace = true;
    bool ok = bindings_parse(&from, "from", args_get(a, O_FROM));
    d.from = from.at;
    d.from_count = (size_t)from.count;
    int code = ok ? a->exit : EXIT_USAGE;
    gradus_answer *ans = code ? NULL : gradus_descend(ctx, &d);
    if (ans && (code = report(ans)) == EXIT_DONE && strcmp(gradus_answer_stop(ans), "converged") != 0)
        fprintf(stderr, "note: the descent is not at a minimum (%s): %s\n", gradus_answer_stop(ans),
                gradus_answer_reason(ans));
    if (ans && code == EXIT_DONE && !(in->path = path_points(ans, &in->q.path_count))) {
        complain("a picture shows a descent of one variable or two");
        code = EXIT_USAGE;
    }
    in->q.path = in->path;
    gradus_answer_free(ans);
    bindings_free(&from);
    return code;
}

/* --start: the parameters are fitted to the data first, then held fixed. */
static int fit_parameters(args *a, gradus_ctx *ctx, plot_input *in)
{
    gradus_fit_query f;
    bindings start;
    gradus_fit_query_defaults(&f);
    if (in->q.expr_count != 1 || !in->q.data.path) {
        complain("--start fits one formula to measurements: gradus plot 'd = a + b*t' --data run.csv --start "
                 "a=0,b=1");
        return EXIT_USAGE;
    }
    f.model = in->q.expr[0];
    f.format = in->q.format;
    f.data = in->q.data;
    bool ok = bindings_parse(&start, "start", args_get(a, O_START));
    f.start = start.at;
    f.start_count = (size_t)start.count;
    gradus_answer *ans = ok ? gradus_fit(ctx, &f) : NULL;
    int code = !ok ? EXIT_USAGE : ans ? report(ans) : EXIT_RESOURCE;
    size_t n = in->q.at_count;
    const double *v;
    in->fixed = code ? NULL : calloc(n + f.start_count + 1, sizeof *in->fixed);
    for (size_t i = 0; in->fixed && i < n; i++) in->fixed[i] = in->q.at[i];
    for (size_t i = 0; in->fixed && i < f.start_count; i++) {
        gradus_answer_table(ans, NULL, NULL, &v);
        in->fixed[n + i] = (gradus_value){.name = start.at[i].name, .value = v[2 * i]};
    }
    if (in->fixed) {
        in->q.at = in->fixed;
        in->q.at_count = n + f.start_count;
        in->parts[in->part_count++] = start.parts; /* the names live on */
        start.parts = (list){0};
    }
    gradus_answer_free(ans);
    bindings_free(&start);
    return code;
}

/* ---- the command
 * ---------------------------------------------------------------------------------------------------- */

static int plot(args *a, plot_input *in)
{
    int code = EXIT_DONE;
    gradus_ctx *ctx = session_new(a, &code);
    if (ctx && a->count[O_START]) code = fit_parameters(a, ctx, in);
    if (ctx && code == EXIT_DONE && a->count[O_FROM]) code = find_path(a, ctx, in);
    if (ctx && code == EXIT_DONE) code = finish(a, ctx, &in->q);
    gradus_ctx_free(ctx);
    return code;
}

int command_plot(args *a)
{
    plot_input in = {0};
    gradus_plot_query_defaults(&in.q);
    if (a->operand_count == 0 && !a->count[O_DATA]) {
        complain("`gradus plot` needs a formula: gradus %s", a->command->example);
        return EXIT_USAGE;
    }
    in.q.expr = a->operand;
    in.q.expr_count = (size_t)a->operand_count;
    if (a->operand_count == 1 && strcmp(a->operand[0], "-") == 0) {
        if (!(in.typed = formula_operand(a))) return a->exit;
        a->operand[0] = in.typed;
    }
    in.q.file = args_get(a, O_OUTPUT);
    if (in.q.file && strcmp(in.q.file, "-") == 0) {
        in.q.file = NULL;
        in.q.picture = GRADUS_PICTURE_SVG;
    }
    read_look(a, &in.q);
    bool ok = read_marks(&in, a) && bindings_parse(&in.at, "at", args_get(a, O_AT));
    in.q.at = in.at.at;
    in.q.at_count = (size_t)in.at.count;
    int code = ok ? a->exit : EXIT_USAGE;
    if (code == EXIT_DONE) code = plot(a, &in);
    clear(&in);
    return code;
}
