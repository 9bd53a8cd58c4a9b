/* measured: columns of measurements from a file or from memory, and the rows of them that are whole. */
#include "api/study.h"

#include <math.h>

static bool from_file(measured *m, const char *path)
{
    m->table = data_read_csv(m->ctx, path, NULL);
    if (!m->table) return false;
    m->source = path;
    m->source_rows = data_rows(m->table);
    for (size_t k = 0; k < data_columns(m->table); k++) {
        const data_column *c = data_get_column(m->table, k);
        if (!vec_push(m->ctx, &m->column, ((measured_column){c->name, c->odd_row ? NULL : c->at})))
            return false;
    }
    return true;
}

static bool from_memory(measured *m, const gradus_data *d)
{
    for (size_t k = 0; k < d->column_count; k++) {
        const gradus_array *c = &d->column[k];
        if (c->rank != 1 || c->dims[0] < 0 || (k && c->dims[0] != d->column[0].dims[0])) {
            diag_error(m->ctx, GRADUS_SHAPE, SPAN_NONE, NULL,
                       "column %s: columns have rank 1 and equal lengths", c->name);
            return false;
        }
        if (!vec_push(m->ctx, &m->column, ((measured_column){c->name, c->values}))) return false;
        m->source_rows = (size_t)c->dims[0];
    }
    return true;
}

bool measured_open(measured *m, gradus_ctx *ctx, const gradus_data *d)
{
    *m = (measured){.ctx = ctx, .source = "the data"};
    return d->path ? from_file(m, d->path) : from_memory(m, d);
}

void measured_close(measured *m)
{
    data_table_free(m->table);
    vec_clear(m->ctx, &m->column);
    vec_clear(m->ctx, &m->used);
    vec_clear(m->ctx, &m->row);
}

ptrdiff_t measured_find(const measured *m, const char *name)
{
    for (size_t k = 0; k < m->column.n; k++)
        if (strcmp(m->column.at[k].name, name) == 0) return (ptrdiff_t)k;
    return -1;
}

void measured_list(const measured *m, strbuf *b)
{
    for (size_t k = 0; k < m->column.n && k < 30; k++)
        strbuf_printf(b, "%s%.60s", k ? ", " : "", m->column.at[k].name);
    if (m->column.n > 30) strbuf_printf(b, " and %zu more", m->column.n - 30);
}

/* ---- whole rows
 * ------------------------------------------------------------------------------------------------ */

static bool get_columns(measured *m, const char *const *names, size_t n, const double **at)
{
    for (size_t k = 0; k < n; k++) {
        ptrdiff_t c = measured_find(m, names[k]);
        /* The table says what is wrong with a column: none, two of that name, text in it. */
        at[k] = m->table ? data_get_numbers(m->table, names[k]) : c >= 0 ? m->column.at[c].at : NULL;
        if (!at[k]) {
            if (ctx_status(m->ctx) == GRADUS_OK)
                diag_error(m->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "%s: there is no column `%s`", m->source,
                           names[k]);
            return false;
        }
    }
    return true;
}

/* "rows 3, 7 and 12 are left out". */
static void note_left_out(measured *m, const size_t *row, size_t shown, size_t total)
{
    strbuf b;
    strbuf_init(&b, m->ctx);
    for (size_t i = 0; i < shown; i++)
        strbuf_printf(&b, "%s%zu", i == 0 ? "" : i + 1 == total ? " and " : ", ", row[i]);
    if (total > shown) strbuf_printf(&b, " and %zu more", total - shown);
    diag_add(m->ctx, DIAG_NOTE, GRADUS_OK, SPAN_NONE, NULL, "%s: row%s %s left out: a value is missing",
             m->source, total > 1 ? "s" : "", strbuf_str(&b));
    strbuf_clear(&b);
}

static bool find_whole_rows(measured *m, const char *const *names, const double *const *at, size_t n)
{
    enum { SHOWN = 12 };
    size_t out[SHOWN], left = 0;
    for (size_t i = 0; i < m->source_rows; i++) {
        bool whole = true;
        for (size_t k = 0; k < n; k++) {
            whole &= !isnan(at[k][i]);
            if (isinf(at[k][i])) {
                diag_error(m->ctx, GRADUS_SYNTAX, SPAN_NONE, "leave the cell empty if the value is missing",
                           "%s: column `%s`, row %zu: the value is infinite", m->source, names[k], i + 1);
                return false;
            }
        }
        if (whole && !vec_push(m->ctx, &m->row, i + 1)) return false;
        if (!whole && left++ < SHOWN) out[left - 1] = i + 1;
    }
    m->rows = m->row.n;
    if (left) note_left_out(m, out, left < SHOWN ? left : SHOWN, left);
    if (m->rows == 0)
        diag_error(m->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                   "%s: no row has a value in every column that is needed", m->source);
    return m->rows > 0;
}

bool measured_use(measured *m, const char *const *names, size_t n)
{
    size_t total;
    const double **at = ctx_realloc(m->ctx, NULL, 0, n * sizeof *at + 1);
    m->used.n = m->row.n = m->rows = 0;
    bool ok = at && get_columns(m, names, n, at) && find_whole_rows(m, names, at, n);
    if (ok && !size_mul(m->rows, n, &total)) ok = (ctx_fail(m->ctx, GRADUS_NOMEM), false);
    ok = ok && vec_reserve(m->ctx, &m->used, total + 1);
    for (size_t k = 0; ok && k < n; k++)
        for (size_t i = 0; i < m->rows; i++) m->used.at[m->used.n++] = at[k][m->row.at[i] - 1];
    if (at) ctx_realloc(m->ctx, at, n * sizeof *at + 1, 0);
    return ok;
}
