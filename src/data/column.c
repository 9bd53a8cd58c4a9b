/* Columns: cells become numbers or text, and are asked for by name. */
#include "data/data_impl.h"

#include <math.h>
#include <string.h>

#include "num/num.h"

data_table *data_table_new(gradus_ctx *ctx, const char *path)
{
    data_table *t = ctx_realloc(ctx, NULL, 0, sizeof *t);
    if (!t)
        return NULL;
    *t = (data_table){.ctx = ctx};
    arena_init(&t->text, ctx);
    t->path = arena_strndup(&t->text, path, strlen(path));
    if (t->path)
        return t;
    data_table_free(t);
    return NULL;
}

void data_table_free(data_table *t)
{
    if (!t)
        return;
    for (size_t k = 0; k < t->columns; k++) {
        column_store *c = &t->column[k];
        ctx_realloc(t->ctx, c->shown.at, c->cap * sizeof *c->shown.at, 0);
        ctx_realloc(t->ctx, c->shown.text, c->text_cap * sizeof *c->shown.text, 0);
    }
    ctx_realloc(t->ctx, t->column, t->column_cap * sizeof *t->column, 0);
    arena_clear(&t->text);
    ctx_realloc(t->ctx, t, sizeof *t, 0);
}

gradus_status data_add_column(data_table *t, const char *name, size_t n)
{
    char *copy = arena_strndup(&t->text, name, n);
    if (!copy)
        return GRADUS_NOMEM;
    if (t->columns == t->column_cap &&
        !vec_grow(t->ctx, (void **)&t->column, &t->column_cap, t->columns + 1, sizeof *t->column))
        return GRADUS_NOMEM;
    t->column[t->columns++] = (column_store){.shown.name = copy};
    return GRADUS_OK;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static bool is_missing(const char *s, size_t n)
{
    static const char *const words[] = {"na", "n/a", "nan", "null"};
    if (n == 0)
        return true;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t i = 0;
        while (i < n && words[w][i] && (s[i] | 0x20) == (words[w][i] | 0x20))
            i++;
        if (i == n && !words[w][i])
            return true;
    }
    return false;
}

/* In a file whose cells are parted by semicolons a comma can only be a decimal comma. */
static bool parse_number(const data_table *t, double *out, const char *s, size_t n)
{
    if (num_parse_double(out, s, n))
        return true;
    char copy[64];
    const char *comma = memchr(s, ',', n);
    if (t->delimiter != ';' || !comma || n > sizeof copy)
        return false;
    memcpy(copy, s, n);
    copy[comma - s] = '.';
    return num_parse_double(out, copy, n);
}

/* The column turns out to hold text: what came before as numbers gets the numbers' text. */
static bool make_text(data_table *t, column_store *c)
{
    strbuf b;
    strbuf_init(&b, t->ctx);
    if (!vec_grow(t->ctx, (void **)&c->shown.text, &c->text_cap, t->rows + 1, sizeof *c->shown.text))
        return false;
    bool ok = true;
    for (size_t i = 0; i < t->rows && ok; i++) {
        b.n = 0;
        if (!isnan(c->shown.at[i]))
            num_print_double(&b, c->shown.at[i]);
        c->shown.text[i] = arena_strndup(&t->text, strbuf_str(&b), b.n);
        ok = c->shown.text[i] != NULL;
    }
    strbuf_clear(&b);
    return ok && ctx_status(t->ctx) == GRADUS_OK;
}

static bool put_text(data_table *t, column_store *c, const char *s, size_t n)
{
    if (t->rows >= c->text_cap &&
        !vec_grow(t->ctx, (void **)&c->shown.text, &c->text_cap, t->rows + 1, sizeof *c->shown.text))
        return false;
    c->shown.text[t->rows] = arena_strndup(&t->text, s, n);
    return c->shown.text[t->rows] != NULL;
}

gradus_status data_put_cell(data_table *t, size_t k, const char *s, size_t n)
{
    column_store *c = &t->column[k];
    for (; n > 0 && (s[0] == ' ' || s[0] == '\t'); s++)
        n--;
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    double x = NAN;
    bool missing = is_missing(s, n), number = missing || parse_number(t, &x, s, n);
    if (missing) {
        x = NAN;
        if (c->shown.gaps++ == 0)
            c->shown.gap_row = t->rows + 1;
    }
    if (t->rows >= c->cap &&
        !vec_grow(t->ctx, (void **)&c->shown.at, &c->cap, t->rows + 1, sizeof *c->shown.at))
        return GRADUS_NOMEM;
    c->shown.at[t->rows] = x;
    if (!number && !c->shown.text && !make_text(t, c))
        return GRADUS_NOMEM;
    if (c->shown.text && !put_text(t, c, s, n))
        return GRADUS_NOMEM;
    if (!number && c->shown.odd_row == 0) {
        c->shown.odd_row = t->rows + 1;
        c->shown.odd_text = c->shown.text[t->rows];
    }
    return GRADUS_OK;
}

/* ---- by name --------------------------------------------------------------------------------- */

size_t data_rows(const data_table *t)
{
    return t->rows;
}

size_t data_columns(const data_table *t)
{
    return t->columns;
}

const data_column *data_get_column(const data_table *t, size_t k)
{
    return &t->column[k].shown;
}

ptrdiff_t data_find_column(const data_table *t, const char *name)
{
    for (size_t k = 0; k < t->columns; k++)
        if (strcmp(t->column[k].shown.name, name) == 0)
            return (ptrdiff_t)k;
    return -1;
}

/* How many letters must be put in, taken out or changed to make b of a, of their first 31 letters; a change
 * of case is half a letter's worth. Answers twice that. */
int data_spelling_distance(const char *a, const char *b)
{
    enum { LONG = 31 };
    int row[LONG + 1];
    int nb = (int)strnlen(b, LONG), na = (int)strnlen(a, LONG);
    for (int j = 0; j <= nb; j++)
        row[j] = 2 * j;
    for (int i = 1; i <= na; i++) {
        int corner = row[0];
        row[0] = 2 * i;
        for (int j = 1; j <= nb; j++) {
            bool letter = ((a[i - 1] | 0x20) >= 'a' && (a[i - 1] | 0x20) <= 'z');
            int change = a[i - 1] == b[j - 1] ? 0 : letter && (a[i - 1] ^ b[j - 1]) == 0x20 ? 1 : 2;
            int best = corner + change;
            corner = row[j];
            if (row[j] + 2 < best)
                best = row[j] + 2;
            if (row[j - 1] + 2 < best)
                best = row[j - 1] + 2;
            row[j] = best;
        }
    }
    return row[nb];
}

static gradus_status no_such_column(data_table *t, const char *name)
{
    size_t nearest = 0;
    int least = 1000;
    strbuf names, hint;
    char shown[DATA_SHOWN], wanted[DATA_SHOWN];
    strbuf_init(&names, t->ctx), strbuf_init(&hint, t->ctx);
    for (size_t k = 0; k < t->columns; k++) {
        const char *have = t->column[k].shown.name;
        int distance = data_spelling_distance(name, have);
        if (distance < least)
            least = distance, nearest = k;
        if (k < 30)
            strbuf_printf(&names, "%s%s", k ? ", " : "", data_show(shown, have, strlen(have)));
    }
    if (t->columns > 30)
        strbuf_printf(&names, " and %zu more", t->columns - 30);
    data_show(wanted, name, strlen(name));
    /* A third of the letters may differ, or two of four: swapped letters count as two. */
    size_t letters = strnlen(name, 100);
    if (least <= 2 || (letters >= 4 && least <= 4) || 3 * least <= 2 * (int)letters)
        strbuf_printf(&hint, "did you mean %s?",
                      data_show(shown, t->column[nearest].shown.name, strlen(t->column[nearest].shown.name)));
    gradus_status s =
        diag_error(t->ctx, GRADUS_SYNTAX, SPAN_NONE, hint.n ? strbuf_str(&hint) : NULL,
                   "%s has no column `%s`; its columns are %s", t->path, wanted, strbuf_str(&names));
    strbuf_clear(&names), strbuf_clear(&hint);
    return s;
}

const double *data_get_numbers(data_table *t, const char *name)
{
    ptrdiff_t k = data_find_column(t, name);
    if (k < 0)
        return (void)no_such_column(t, name), NULL;
    char shown[DATA_SHOWN], label[DATA_SHOWN];
    const data_column *c = &t->column[k].shown;
    data_show(label, name, strlen(name));
    for (size_t j = (size_t)k + 1; j < t->columns; j++)
        if (strcmp(t->column[j].shown.name, name) == 0) {
            diag_error(t->ctx, GRADUS_SYNTAX, SPAN_NONE, "give each column a name of its own",
                       "%s has two columns named `%s`: columns %zu and %zu", t->path, label, (size_t)k + 1,
                       j + 1);
            return NULL;
        }
    if (c->odd_row) {
        diag_error(t->ctx, GRADUS_SYNTAX, SPAN_NONE, "leave the cell empty if the value is missing",
                   "%s: column `%s`, row %zu: expected a number, found `%s`", t->path, label, c->odd_row,
                   data_show(shown, c->odd_text, strlen(c->odd_text)));
        return NULL;
    }
    if (c->gaps)
        diag_add(t->ctx, DIAG_WARNING, GRADUS_OK, SPAN_NONE, NULL,
                 "%s: column `%s` has %zu missing %s, the first in row %zu", t->path, label, c->gaps,
                 c->gaps == 1 ? "value" : "values", c->gap_row);
    return c->at;
}
