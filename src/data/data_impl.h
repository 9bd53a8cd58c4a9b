/* data, for itself: the table under construction, between the reader (csv.c) and the columns (column.c). */
#ifndef DATA_IMPL_H
#define DATA_IMPL_H

#include "data/data.h"

typedef struct column_store column_store;

struct data_table {
    gradus_ctx *ctx;
    arena text;            /* names and texts                             */
    const char *path;      /* what messages call the file                 */
    char delimiter;
    size_t rows;
    column_store *column;
    size_t columns, column_cap;
};

struct column_store {
    data_column shown;         /* what other rooms see               */
    size_t cap, text_cap;      /* of shown.at and shown.text         */
};

data_table *data_table_new(gradus_ctx *ctx, const char *path);
/* Adds a column of that name before any row. */
gradus_status data_add_column(data_table *t, const char *name, size_t n);
/* Puts a cell of n bytes into column k of the row t->rows. A quoted cell that is empty is missing too. */
gradus_status data_put_cell(data_table *t, size_t k, const char *s, size_t n);

/* At most 40 columns of the n bytes for a message: control characters and malformed bytes as '?'. out holds
 * DATA_SHOWN bytes. Returns out. */
enum { DATA_SHOWN = 176 };
const char *data_show(char out[DATA_SHOWN], const char *s, size_t n);

/* "there is no such file", and so on; never NULL. `scratch` holds 64 bytes. */
const char *data_errno_text(int error, char scratch[64]);

#endif
