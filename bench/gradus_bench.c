/* gradus_bench FILE: Gradus' side of the comparison. FILE: group, id, order, variables (blanks), formula by tabs.
 * Prints for each group: group, formulas, repetitions, median seconds to read, to differentiate, to print, characters,
 * and in words the same with Gradus' simplifier (the peers have none in their derivative, so it is kept apart).
 * gradus_bench --sweep N: one reverse sweep over x1*x2 + x2*x3 + ... with N variables: nodes, seconds, nodes a second.
 *
 * Each repetition starts with a new context: terms are interned and results remembered, so a second pass over the same
 * formulas in one context would only look them up. */
#include "diff/diff.h"
#include "term/term.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_VARIABLES = 64, MAX_REPETITIONS = 31 };

typedef struct task {
    char *group, *id, *text;
    unsigned order;
    char *variable[MAX_VARIABLES];
    unsigned variables;
} task;

typedef struct times {
    double read, derive, print;
    size_t characters, failed;
} times;

/* Processor time: the machine may be busy with other things. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

/* Reads, differentiates and prints one formula. A formula that is refused counts as failed. */
static void run_task(gradus_ctx *ctx, const task *t, bool simplify, times *sum)
{
    diff_options options = {.unfold = true, .plain = !simplify};
    ctx_begin(ctx);
    double start = cpu_seconds();
    term f = text_parse(ctx, t->text, strlen(t->text), TEXT_PLAIN);
    term x[MAX_VARIABLES], df[MAX_VARIABLES] = {0};
    for (unsigned i = 0; i < t->variables; i++) x[i] = term_sym(ctx, t->variable[i], strlen(t->variable[i]));
    double read = cpu_seconds();
    if (t->variables > 1) {
        if (diff_gradient(ctx, term_canon(ctx, f), x, t->variables, df) != GRADUS_OK) df[0] = TERM_NONE;
    } else {
        df[0] = diff_order(ctx, f, x[0], t->order, &options, NULL);
    }
    double derived = cpu_seconds();
    strbuf out;
    strbuf_init(&out, ctx);
    for (unsigned i = 0; i < t->variables; i++) text_print(&out, ctx, df[i], FORM_TEXT);
    sum->characters += out.n;
    strbuf_clear(&out);
    if (ctx_status(ctx) != GRADUS_OK) {
        sum->failed++;
        if (getenv("SHOW")) fprintf(stderr, "refused: %s %s\n", t->id, status_name(ctx_status(ctx)));
    }
    sum->read += read - start;
    sum->derive += derived - read;
    sum->print += cpu_seconds() - derived;
}

typedef struct medians {
    size_t repetitions;
    double read, derive, print;
    times last;
} medians;

/* All formulas of a group, again and again for two seconds. */
static medians repeat(const task *tasks, size_t n, bool simplify)
{
    double read[MAX_REPETITIONS], derive[MAX_REPETITIONS], print[MAX_REPETITIONS];
    medians m = {0};
    double begin = cpu_seconds();
    while (m.repetitions < 3 || (m.repetitions < MAX_REPETITIONS && cpu_seconds() - begin < 2)) {
        times once = {0};
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        double start = cpu_seconds();
        if (!ctx || !term_room_init(ctx)) exit(3);
        once.read += cpu_seconds() - start;
        for (size_t i = 0; i < n; i++) run_task(ctx, &tasks[i], simplify, &once);
        read[m.repetitions] = once.read;
        derive[m.repetitions] = once.derive;
        print[m.repetitions] = once.print;
        m.repetitions++;
        m.last = once;
        ctx_free(ctx);
    }
    m.read = median(read, m.repetitions);
    m.derive = median(derive, m.repetitions);
    m.print = median(print, m.repetitions);
    return m;
}

static void run_group(const task *tasks, size_t n)
{
    medians plain = repeat(tasks, n, false), tidy = repeat(tasks, n, true);
    printf("%s\t%zu\t%zu\t%.6g\t%.6g\t%.6g\t%zu\tsimplified %.3g ms, %zu chars", tasks->group, n, plain.repetitions,
           plain.read, plain.derive, plain.print, plain.last.characters, tidy.derive * 1e3, tidy.last.characters);
    if (plain.last.failed) printf(", %zu refused", plain.last.failed);
    printf("\n");
}

static char *cell(char **rest)
{
    return strsep(rest, "\t\n");
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) return perror(path), 3;
    task *tasks = NULL;
    size_t n = 0, room = 0;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0) {
        if (n == room) tasks = realloc(tasks, (room = room * 2 + 64) * sizeof *tasks);
        if (!tasks) return 3;
        char *rest = strdup(line); /* kept: the task points into it */
        task *t = &tasks[n++];
        memset(t, 0, sizeof *t);
        t->group = cell(&rest);
        t->id = cell(&rest);
        t->order = (unsigned)strtoul(cell(&rest), NULL, 10);
        char *names = cell(&rest);
        t->text = cell(&rest);
        for (char *name; (name = strsep(&names, " ")) && t->variables < MAX_VARIABLES;) t->variable[t->variables++] = name;
    }
    free(line);
    fclose(file);
    for (size_t first = 0, past; first < n; first = past) {
        for (past = first; past < n && strcmp(tasks[past].group, tasks[first].group) == 0;) past++;
        run_group(tasks + first, past - first);
    }
    free(tasks);
    return 0;
}

/* f = x1*x2 + x2*x3 + ... + xn*x1: n products, 2n + 1 nodes. */
static int run_sweep(uint32_t n)
{
    double seconds[MAX_REPETITIONS];
    size_t done = 0;
    uint32_t nodes = 0, made = 0;
    while (done < 7) {
        gradus_ctx *ctx = ctx_new(NULL, NULL);
        if (!ctx || !term_room_init(ctx)) return 3;
        ctx_begin(ctx);
        term *x = calloc(n, sizeof *x), *product = calloc(n, sizeof *product), *bar = calloc(n, sizeof *bar);
        for (uint32_t i = 0; i < n; i++) {
            char name[16];
            int length = snprintf(name, sizeof name, "x%u", (unsigned)i + 1);
            x[i] = term_sym(ctx, name, (size_t)length);
        }
        for (uint32_t i = 0; i < n; i++) product[i] = term_mul2(ctx, x[i], x[(i + 1) % n]);
        term f = term_add(ctx, product, n);
        term_vec below = {0};
        if (!term_reachable(ctx, &f, 1, &below)) return 3;
        nodes = (uint32_t)below.n;
        vec_clear(ctx, &below);
        uint32_t before = term_count(ctx);
        double start = cpu_seconds();
        gradus_status status = diff_gradient(ctx, f, x, n, bar);
        seconds[done++] = cpu_seconds() - start;
        made = term_count(ctx) - before;
        free(x);
        free(product);
        free(bar);
        ctx_free(ctx);
        if (status != GRADUS_OK) return 4;
    }
    double middle = median(seconds, done);
    printf("%u\t%.6g\t%.6g\t%u\n", (unsigned)nodes, middle, nodes / middle, (unsigned)made);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--sweep") == 0) return run_sweep((uint32_t)strtoul(argv[2], NULL, 10));
    if (argc == 2) return run_file(argv[1]);
    fprintf(stderr, "usage: gradus_bench FILE | --sweep N\n");
    return 2;
}
