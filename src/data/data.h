/* data: files to named columns of doubles and back. Knows nothing of terms.
 *
 * A table comes from a text file whose first line names the columns (CSV, or with semicolons or tabs). The
 * file is read once, in pieces: a cell goes from the piece into its column, so memory holds the numbers and
 * one piece, never the file. All that is wrong with a file is said with its row (counted from 1 below the
 * header), its line, the column's name and the text found.
 *
 * A column is read as numbers; where a cell is no number the column is text, which hurts nobody unless the
 * column is asked for as numbers. Missing cells (empty, NA, N/A, null, nan) are NaN, and counted.
 *
 * Central structure: data_table. Everything in it lives until data_table_free.
 * Start reading: csv.c (bytes to cells), column.c (cells to columns), file.c (safe writing).            */
#ifndef DATA_H
#define DATA_H

#include "base/base.h"

typedef struct data_column {
    const char *name;      /* as in the header, spaces around it taken off                       */
    double *at;            /* `rows` numbers; NaN where the cell is missing or text              */
    const char **text;     /* `rows` texts when some cell is text; NULL: numbers throughout      */
    size_t gaps, gap_row;  /* missing cells; row of the first (from 1), 0: none                  */
    size_t odd_row;        /* row of the first cell that is text, 0: none                        */
    const char *odd_text;  /* what it says                                                       */
} data_column;

typedef struct data_table data_table;

typedef struct data_options {
    size_t size;       /* of this struct, for later additions                      */
    char delimiter;    /* ',' ';' '\t'; 0: the one that the header uses most       */
    uint64_t max_bytes; /* of the file; beyond: GRADUS_LIMIT                       */
    size_t max_rows, max_columns, max_cell; /* cells in bytes                      */
} data_options;
/* Delimiter found, 16 GiB, 2^31 rows, 65536 columns, cells of 1 MiB. */
void data_options_defaults(data_options *o);

/* Reads a file with a header. NULL on failure, with a diagnostic. options NULL: defaults.
 * GRADUS_IO: no such file, a folder, no permission, a read error. GRADUS_SYNTAX: empty, no rows, ragged,
 * binary, an unclosed quote. GRADUS_LIMIT, GRADUS_NOMEM. A semicolon file may write decimals with a comma. */
data_table *data_read_csv(gradus_ctx *ctx, const char *path, const data_options *options);
/* The same from n bytes of memory (borrowed during the call); `name` is what messages call it. */
data_table *data_read_csv_bytes(gradus_ctx *ctx, const char *name, const char *bytes, size_t n,
                                const data_options *options);
void data_table_free(data_table *t);

size_t data_rows(const data_table *t);
size_t data_columns(const data_table *t);
const data_column *data_get_column(const data_table *t, size_t k);
/* The number of the column of that name; -1: none. The first of several. */
ptrdiff_t data_find_column(const data_table *t, const char *name);
/* The column as `rows` numbers, borrowed. NULL with a diagnostic when there is none of that name (those that
 * there are, and the nearest), several, or it holds text (row, name, text). Missing cells add a warning. */
const double *data_get_numbers(data_table *t, const char *name);

/* How far apart two names are: letters changed, put in or left out count 2, a change of case 1. For "did you mean". */
int data_spelling_distance(const char *a, const char *b);

/* ---- writing --------------------------------------------------------------------------------- */

/* Writes n bytes to the file: first beside it, then moved into its place, so that a full disk or a crash
 * leaves the old content whole. Devices and pipes are written directly. GRADUS_IO with path and reason. */
gradus_status data_file_write(gradus_ctx *ctx, const char *path, const void *bytes, size_t n);
/* Appends a table of `rows` times `columns` numbers (row by row): CSV with a header, or a JSON array of
 * objects (non-finite numbers as "nan", "inf", "-inf"). Numbers read back equal. */
void data_print_csv(strbuf *b, const char *const *names, size_t columns, const double *values, size_t rows);
void data_print_json(strbuf *b, const char *const *names, size_t columns, const double *values, size_t rows);

#endif
