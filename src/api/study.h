/* study: what fits, descents and measured series share: measurements read into columns, and answers made of a
 * stop reason, named numbers and one table.
 *
 *   gradus_data --measured_open--> every column --measured_use--> the columns used, whole rows only
 *
 * Memory of a study lives in its answer; `measured` owns its own until measured_close. */
#ifndef STUDY_H
#define STUDY_H

#include "api/api_impl.h"
#include "data/data.h"

typedef struct study_number {
    const char *name; /* a literal */
    double value;
} study_number;

struct study {
    const char *stop, *reason;
    string_list names;         /* parameters or variables                    */
    VEC(const char *) columns; /* of the table                               */
    VEC(double) table;         /* row by row                                 */
    VEC(study_number) numbers;
    VEC(double) point; /* of a descent: the lowest, in the order of names */
    int64_t point_dims[1];
};

/* The answer's study, made when first asked for; NULL when memory is refused. */
struct study *study_of(gradus_answer *a);
void study_free(gradus_answer *a);
/* Copies texts into the answer. */
void study_set_stop(gradus_answer *a, const char *stop, const char *reason);
bool study_add_column(gradus_answer *a, const char *name);
bool study_add_name(gradus_answer *a, const char *name);
bool study_add_number(gradus_answer *a, const char *name, double value);
/* ,"name":value for each of the numbers. */
void study_print_numbers(const gradus_answer *a, strbuf *b);
/* The table as an array of objects on one line. */
void study_print_table(const gradus_answer *a, strbuf *b);

/* ---- measurements (measured.c)
 * ------------------------------------------------------------------------------- */

typedef struct measured_column {
    const char *name;
    const double *at; /* all rows of the source; NULL: not known to be numbers before it is asked for */
} measured_column;

typedef struct measured {
    gradus_ctx *ctx;
    const char *source;          /* what messages call it                               */
    data_table *table;           /* NULL: from memory                                   */
    VEC(measured_column) column; /* of the source, in order                             */
    size_t source_rows;
    VEC(double) used; /* after measured_use: column after column, `rows` each */
    VEC(size_t) row;  /* number in the source (from 1) of each row kept        */
    size_t rows;
} measured;

/* Reads the columns. false: a diagnostic says why. Nothing (path NULL, no columns): no columns. */
bool measured_open(measured *m, gradus_ctx *ctx, const gradus_data *d);
void measured_close(measured *m);
/* Position of the column of that name; -1: none. */
ptrdiff_t measured_find(const measured *m, const char *name);
/* Copies the rows in which none of the n columns has a gap; a note names the rows left out. false with a
 * diagnostic: no such column, text in it, infinite cells, no row left. */
bool measured_use(measured *m, const char *const *names, size_t n);
/* Column k of those used. */
static inline const double *measured_at(const measured *m, size_t k)
{
    return m->used.at + k * m->rows;
}
/* "x, y, time" of all columns; at most 30. */
void measured_list(const measured *m, strbuf *b);

/* The double that a value given as text or number has; false: not a number (complained). */
bool study_value(gradus_ctx *ctx, const gradus_value *v, double *out);
/* Appends why t has no finite value at the point: "log(x): log of a negative number (-1)"; nothing if it has
 * one. */
void study_blame(gradus_ctx *ctx, strbuf *b, term t, const term *names, const double *values, size_t n);
/* The nearest of the two names, if near enough for "did you mean": keeps the better of it and *best. */
void study_nearest(const char *wanted, const char *have, const char **best, int *distance);

#endif
