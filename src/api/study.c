/* study: answers made of a stop reason, named numbers and one table. */
#include "api/study.h"

#include <math.h>

struct study *study_of(gradus_answer *a)
{
    if (!a->study) a->study = arena_alloc(&a->mem, sizeof *a->study); /* zeroed */
    return a->study;
}

void study_free(gradus_answer *a)
{
    struct study *s = a->study;
    if (!s) return;
    vec_clear(a->ctx, &s->names);
    vec_clear(a->ctx, &s->columns);
    vec_clear(a->ctx, &s->table);
    vec_clear(a->ctx, &s->numbers);
    vec_clear(a->ctx, &s->point);
}

static const char *keep(gradus_answer *a, const char *text)
{
    return arena_strndup(&a->mem, text, strlen(text));
}

void study_set_stop(gradus_answer *a, const char *stop, const char *reason)
{
    struct study *s = study_of(a);
    if (!s) return;
    s->stop = keep(a, stop);
    s->reason = keep(a, reason);
}

bool study_add_column(gradus_answer *a, const char *name)
{
    struct study *s = study_of(a);
    const char *copy = s ? keep(a, name) : NULL;
    return copy && vec_push(a->ctx, &s->columns, copy);
}

bool study_add_name(gradus_answer *a, const char *name)
{
    struct study *s = study_of(a);
    char *copy = s ? arena_strndup(&a->mem, name, strlen(name)) : NULL;
    return copy && vec_push(a->ctx, &s->names, copy);
}

bool study_add_number(gradus_answer *a, const char *name, double value)
{
    struct study *s = study_of(a);
    return s && vec_push(a->ctx, &s->numbers, ((study_number){name, value}));
}

void study_print_numbers(const gradus_answer *a, strbuf *b)
{
    for (size_t i = 0; a->study && i < a->study->numbers.n; i++) {
        strbuf_printf(b, ",\"%s\":", a->study->numbers.at[i].name);
        reply_double(b, a->study->numbers.at[i].value);
    }
}

void study_print_table(const gradus_answer *a, strbuf *b)
{
    const struct study *s = a->study;
    strbuf t;
    strbuf_init(&t, a->ctx);
    data_print_json(&t, s->columns.at, s->columns.n, s->table.at, s->table.n / s->columns.n);
    for (size_t i = 0; i < t.n; i++) /* an answer is one line; names have their newlines escaped */
        if (t.at[i] != '\n') strbuf_addc(b, t.at[i]);
    strbuf_clear(&t);
}

bool study_value(gradus_ctx *ctx, const gradus_value *v, double *out)
{
    *out = v->value;
    if (v->text) {
        term t = term_canon(ctx, text_parse(ctx, v->text, strlen(v->text), TEXT_PLAIN));
        if (!t || ctx_status(ctx) != GRADUS_OK) return false;
        *out = NAN;
        if (term_is_num(ctx, t)) {
            *out = num_fmpq_get_double(term_num(ctx, t));
        } else if (term_get_flags(ctx, t) & TF_NUMERIC) {
            arena scratch;
            eval_result r;
            arena_init(&scratch, ctx);
            if (eval_ball(ctx, t, NULL, 0, NULL, &scratch, &r) == GRADUS_OK) *out = r.value[0];
            arena_clear(&scratch);
        }
    }
    if (isfinite(*out)) return true;
    diag_error(ctx, GRADUS_SYNTAX, SPAN_NONE, "write a number: 2, 0.1, 1e-4, 1/3, pi/2",
               "the value given for %s is not a finite number", v->name);
    return false;
}

void study_blame(gradus_ctx *ctx, strbuf *b, term t, const term *names, const double *values, size_t n)
{
    VEC(eval_bind) at = {0};
    arena scratch;
    eval_result r = {0};
    arena_init(&scratch, ctx);
    for (size_t i = 0; i < n; i++)
        (void)vec_push(ctx, &at, ((eval_bind){names[i], term_from_double(ctx, values[i])}));
    if (ctx_status(ctx) == GRADUS_OK && eval_float(ctx, t, at.at, at.n, &scratch, &r) == GRADUS_OK) {
        if (r.problem.what) text_print(b, ctx, r.problem.what, FORM_TEXT);
        if (r.problem.what && r.problem.why) strbuf_printf(b, ": %s", r.problem.why);
        else if (r.problem.what) strbuf_add(b, " has no value");
        else if (isinf(r.value[0])) {
            text_print(b, ctx, t, FORM_TEXT);
            strbuf_add(b, r.value[0] > 0 ? " is infinite" : " is -infinite");
        }
    }
    arena_clear(&scratch);
    vec_clear(ctx, &at);
}

void study_nearest(const char *wanted, const char *have, const char **best, int *distance)
{
    int d = data_spelling_distance(wanted, have);
    size_t letters = strnlen(wanted, 100);
    if (d < *distance && d <= (letters < 2 ? 1 : letters < 4 ? 2 : 4)) {
        *distance = d;
        *best = have;
    }
}

/* ---- reading
 * ---------------------------------------------------------------------------------------------------- */

const char *gradus_answer_stop(const gradus_answer *a)
{
    return a->study && a->study->stop ? a->study->stop : "";
}

const char *gradus_answer_reason(const gradus_answer *a)
{
    return a->study && a->study->reason ? a->study->reason : "";
}

double gradus_answer_number(const gradus_answer *a, const char *name)
{
    for (size_t i = 0; a->study && i < a->study->numbers.n; i++)
        if (strcmp(a->study->numbers.at[i].name, name) == 0) return a->study->numbers.at[i].value;
    return NAN;
}

const char *gradus_answer_name(const gradus_answer *a, size_t i)
{
    return a->study && i < a->study->names.n ? a->study->names.at[i] : NULL;
}

size_t gradus_answer_table(const gradus_answer *a, const char *const **columns, size_t *column_count,
                           const double **values)
{
    const struct study *s = a->study;
    size_t n = s ? s->columns.n : 0;
    if (columns) *columns = s ? s->columns.at : NULL;
    if (column_count) *column_count = n;
    if (values) *values = s ? s->table.at : NULL;
    return n ? s->table.n / n : 0;
}

const char *gradus_answer_table_text(gradus_answer *a, bool json)
{
    const char *const *columns;
    const double *values;
    size_t n, rows = gradus_answer_table(a, &columns, &n, &values);
    strbuf b;
    strbuf_init(&b, a->ctx);
    (json ? data_print_json : data_print_csv)(&b, columns, n, values, rows);
    const char *text = b.at || !n ? answer_copy(a, &b) : NULL;
    strbuf_clear(&b);
    return text;
}

gradus_answer *gradus_write_file(gradus_ctx *ctx, const char *path, const void *bytes, size_t n)
{
    ctx_begin(ctx);
    gradus_answer *a = answer_new(ctx, GRADUS_OP_COUNT);
    if (!a) return NULL;
    data_file_write(ctx, path, bytes, n);
    answer_take_diagnostics(a);
    return a;
}
