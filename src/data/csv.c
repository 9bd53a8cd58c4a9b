/* From bytes to cells: a machine that is fed pieces of the file and remembers where in a cell it stands.
 *
 *            delimiter, end of line: cell done
 *   START ──"──> QUOTED ──"──> CLOSED ──"──> QUOTED (a doubled quote)
 *     └──other──> PLAIN
 *
 * A cell that lies wholly in one piece is handed on from there; one that is cut by the piece's end, or has
 * quotes, is gathered in `cell`. Lines end in LF, CRLF or CR. Source: RFC 4180, read tolerantly.          */
#include "data/data_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "num/num.h"

enum { PIECE = 1 << 16 };
enum cell_state { START, PLAIN, QUOTED, CLOSED };

typedef struct reader {
    gradus_ctx *ctx;
    const data_options *options;
    data_table *table;
    strbuf cell;
    enum cell_state state;
    bool header_done, after_cr;
    bool quoted;         /* the running cell had quotes                        */
    size_t k;            /* cells finished in this line                        */
    uint64_t line;       /* of the running byte, from 1                        */
    uint64_t quote_line; /* where the running quote opened                     */
    uint64_t bytes;
} reader;

void data_options_defaults(data_options *o)
{
    *o = (data_options){.size = sizeof *o,
                        .max_bytes = (uint64_t)16 << 30,
                        .max_rows = (size_t)1 << 31,
                        .max_columns = 65536,
                        .max_cell = 1 << 20};
}

/* ---- what the first bytes tell --------------------------------------------------------------- */

static gradus_status not_text(reader *in, const char *what, const char *hint)
{
    return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, hint, "%s is not a text file: %s", in->table->path,
                      what);
}

static gradus_status check_start(reader *in, const char *s, size_t n)
{
    if (n >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0))
        return not_text(in, "it is written in UTF-16", "save it as UTF-8");
    if (n >= 4 && memcmp(s, "PK\3\4", 4) == 0)
        return not_text(in, "it is a zip archive, perhaps a spreadsheet", "export the sheet as CSV");
    if (n >= 2 && memcmp(s, "\x1F\x8B", 2) == 0)
        return not_text(in, "it is compressed", "unpack it first");
    return GRADUS_OK;
}

/* The delimiter that the header uses most outside quotes; a comma when it uses none. */
static char find_delimiter(const char *s, size_t n)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t count[3] = {0};
    bool quoted = false;
    for (size_t i = 0; i < n && (quoted || (s[i] != '\n' && s[i] != '\r')); i++) {
        quoted ^= s[i] == '"';
        for (int c = 0; c < 3 && !quoted; c++)
            count[c] += s[i] == candidates[c];
    }
    int best = 0;
    for (int c = 1; c < 3; c++)
        if (count[c] > count[best])
            best = c;
    return candidates[best];
}

/* ---- lines ----------------------------------------------------------------------------------- */

static gradus_status end_header(reader *in)
{
    data_table *t = in->table;
    bool all_numbers = true;
    char shown[DATA_SHOWN];
    for (size_t k = 0; k < t->columns; k++) {
        const char *name = t->column[k].shown.name;
        size_t n = strlen(name);
        double x;
        uint32_t c;
        for (size_t i = 0; i < n;) {
            int len = utf8_decode(name + i, n - i, &c);
            if (len < 0)
                return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, "save the file as UTF-8",
                                  "%s: the name of column %zu, `%s`, is not UTF-8", t->path, k + 1,
                                  data_show(shown, name, n));
            i += (size_t)len;
        }
        all_numbers = all_numbers && n > 0 && num_parse_double(&x, name, n);
    }
    if (all_numbers)
        return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE,
                          "put a line with the names of the columns on top",
                          "%s: expected a header with names in the first line, found numbers (%s)", t->path,
                          data_show(shown, t->column[0].shown.name, strlen(t->column[0].shown.name)));
    in->header_done = true;
    return GRADUS_OK;
}

static gradus_status end_row(reader *in)
{
    data_table *t = in->table;
    if (in->k != t->columns)
        return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE,
                          in->k > t->columns ? "a cell that contains the delimiter is put in quotes" : NULL,
                          "%s: row %zu (line %llu) has %zu %s, but the header has %zu", t->path, t->rows + 1,
                          (unsigned long long)in->line, in->k, in->k == 1 ? "cell" : "cells", t->columns);
    if (t->rows >= in->options->max_rows)
        return diag_error(in->ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "%s has more than %zu rows", t->path,
                          in->options->max_rows);
    t->rows++;
    return ctx_tick(in->ctx) ? GRADUS_OK : ctx_status(in->ctx);
}

static gradus_status end_cell(reader *in, const char *s, size_t n)
{
    data_table *t = in->table;
    in->state = START;
    in->quoted = false;
    in->k++;
    if (in->header_done)
        /* Cells beyond the header are counted, so that the message can say how many there are. */
        return in->k <= t->columns ? data_put_cell(t, in->k - 1, s, n) : GRADUS_OK;
    if (in->k > in->options->max_columns)
        return diag_error(in->ctx, GRADUS_LIMIT, SPAN_NONE, NULL, "%s has more than %zu columns", t->path,
                          in->options->max_columns);
    for (; n > 0 && (*s == ' ' || *s == '\t'); s++)
        n--;
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    return data_add_column(t, s, n);
}

static gradus_status end_line(reader *in)
{
    gradus_status status = in->header_done ? end_row(in) : end_header(in);
    in->k = 0;
    return status;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static gradus_status bad_byte(reader *in, unsigned char c)
{
    return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                      "%s is not a text file: line %llu contains a byte of value %u", in->table->path,
                      (unsigned long long)in->line, c);
}

static gradus_status after_quote(reader *in, char c)
{
    char shown[DATA_SHOWN];
    return diag_error(
        in->ctx, GRADUS_SYNTAX, SPAN_NONE, "a quote inside a quoted cell is written twice",
        "%s: line %llu, cell %zu: expected the end of the cell after the closing quote, found `%s`",
        in->table->path, (unsigned long long)in->line, in->k + 1, data_show(shown, &c, 1));
}

static gradus_status too_long(reader *in)
{
    return diag_error(in->ctx, GRADUS_LIMIT, SPAN_NONE, in->quoted ? "is a closing quote missing?" : NULL,
                      "%s: line %llu, cell %zu is longer than %zu bytes", in->table->path,
                      (unsigned long long)(in->quoted ? in->quote_line : in->line), in->k + 1,
                      in->options->max_cell);
}

/* Adds the bytes [from, to) to the gathered cell. */
static gradus_status gather(reader *in, const char *from, const char *to)
{
    size_t n = (size_t)(to - from);
    if (in->cell.n + n > in->options->max_cell)
        return too_long(in);
    strbuf_addn(&in->cell, from, n);
    return ctx_status(in->ctx);
}

/* The cell that is gathered, or when nothing is, [from, to). */
static gradus_status finish_cell(reader *in, const char *from, const char *to)
{
    if (in->cell.n == 0 && !in->quoted)
        return (size_t)(to - from) > in->options->max_cell ? too_long(in)
                                                           : end_cell(in, from, (size_t)(to - from));
    gradus_status status = gather(in, from, to);
    if (status == GRADUS_OK)
        status = end_cell(in, strbuf_str(&in->cell), in->cell.n);
    in->cell.n = 0;
    return status;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* One byte inside quotes, or just past a quote. *from is where the bytes not yet gathered begin. */
static gradus_status quoted_byte(reader *in, const char **from, const char *p)
{
    gradus_status status = GRADUS_OK;
    if (in->state == QUOTED) {
        if (*p == '"') {
            status = gather(in, *from, p);
            in->state = CLOSED;
            *from = p + 1;
        }
    } else if (*p == '"') {
        in->state = QUOTED; /* doubled: this one belongs to the text */
        *from = p;
    } else if (*p == ' ')
        *from = p + 1;
    else
        status = after_quote(in, *p);
    return status;
}

static gradus_status feed(reader *in, const char *s, size_t n)
{
    const char *p = s, *end = s + n, *from = s;
    gradus_status status = GRADUS_OK;
    const char delimiter = in->table->delimiter;
    for (; p < end && status == GRADUS_OK; p++) {
        unsigned char c = (unsigned char)*p;
        bool second = in->after_cr && c == '\n';
        in->after_cr = c == '\r';
        if (second) { /* the LF of a CRLF: its line is counted */
            if (in->state != QUOTED)
                from = p + 1;
            continue;
        }
        if (c < 0x20 && c != '\t' && !is_line_end(*p))
            return bad_byte(in, c);
        if (in->state == QUOTED || (in->state == CLOSED && c != (unsigned char)delimiter && !is_line_end(*p)))
            status = quoted_byte(in, &from, p);
        else if (*p == delimiter) {
            status = finish_cell(in, from, p);
            from = p + 1;
        } else if (is_line_end(*p)) {
            /* A line without a byte is no row. */
            if (in->state != START || in->k > 0) {
                status = finish_cell(in, from, p);
                if (status == GRADUS_OK)
                    status = end_line(in);
            }
            from = p + 1;
        } else if (in->state == START && c != ' ' && c != '\t') { /* past the spaces before a cell */
            in->state = *p == '"' ? QUOTED : PLAIN;
            if (*p == '"')
                in->quoted = true, in->quote_line = in->line, from = p + 1;
        }
        in->line += is_line_end(*p);
    }
    return status == GRADUS_OK && in->state != START ? gather(in, from, end) : status;
}

static gradus_status finish(reader *in)
{
    data_table *t = in->table;
    if (in->state == QUOTED)
        return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                          "%s: the quote opened in line %llu is never closed", t->path,
                          (unsigned long long)in->quote_line);
    gradus_status status = GRADUS_OK;
    if (in->state != START || in->k > 0) { /* the last line has no end of line */
        status = finish_cell(in, "", "");
        if (status == GRADUS_OK)
            status = end_line(in);
    }
    if (status != GRADUS_OK)
        return status;
    if (!in->header_done)
        return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL,
                          "%s is empty: expected a header with the names of the columns", t->path);
    if (t->rows == 0)
        return diag_error(in->ctx, GRADUS_SYNTAX, SPAN_NONE, NULL, "%s has a header but no rows", t->path);
    return GRADUS_OK;
}

/* ---- the door -------------------------------------------------------------------------------- */

/* The next piece into buf: its size, 0 at the end, -1 with errno. */
typedef ptrdiff_t (*piece_fn)(void *user, char *buf, size_t room);

static gradus_status first_piece(reader *in, char *buf, size_t *n)
{
    gradus_status status = check_start(in, buf, *n);
    if (*n >= 3 && memcmp(buf, "\xEF\xBB\xBF", 3) == 0) {
        *n -= 3;
        memmove(buf, buf + 3, *n);
    }
    in->table->delimiter = in->options->delimiter ? in->options->delimiter : find_delimiter(buf, *n);
    return status;
}

/* Fills buf as far as the source allows, so that the first piece holds the header whatever a pipe gives. */
static ptrdiff_t fill(piece_fn next, void *user, char *buf, size_t room)
{
    size_t have = 0;
    while (have < room) {
        ptrdiff_t got = next(user, buf + have, room - have);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ptrdiff_t)have;
}

static gradus_status read_pieces(reader *in, piece_fn next, void *user, char *buf)
{
    gradus_status status = GRADUS_OK;
    bool first = true;
    while (status == GRADUS_OK) {
        ptrdiff_t got = fill(next, user, buf, PIECE);
        char scratch[64];
        if (got < 0)
            return diag_error(in->ctx, GRADUS_IO, SPAN_NONE, NULL, "cannot read %s: %s", in->table->path,
                              data_errno_text(errno, scratch));
        if (got == 0)
            break;
        size_t n = (size_t)got;
        in->bytes += n;
        if (in->bytes > in->options->max_bytes)
            return diag_error(in->ctx, GRADUS_LIMIT, SPAN_NONE, NULL,
                              "%s is larger than the limit of %llu bytes", in->table->path,
                              (unsigned long long)in->options->max_bytes);
        if (first)
            status = first_piece(in, buf, &n);
        first = false;
        if (status == GRADUS_OK)
            status = feed(in, buf, n);
    }
    return status == GRADUS_OK ? finish(in) : status;
}

static data_table *read_table(gradus_ctx *ctx, const char *name, piece_fn next, void *user,
                              const data_options *options)
{
    data_options defaults;
    data_options_defaults(&defaults);
    reader in = {.ctx = ctx, .options = options ? options : &defaults, .line = 1};
    in.table = data_table_new(ctx, name);
    char *buf = in.table ? ctx_realloc(ctx, NULL, 0, PIECE) : NULL;
    strbuf_init(&in.cell, ctx);
    gradus_status status = buf ? read_pieces(&in, next, user, buf) : GRADUS_NOMEM;
    strbuf_clear(&in.cell);
    ctx_realloc(ctx, buf, PIECE, 0);
    if (status == GRADUS_OK)
        return in.table;
    data_table_free(in.table);
    return NULL;
}

static ptrdiff_t next_from_file(void *user, char *buf, size_t room)
{
    ptrdiff_t got;
    do
        got = read(*(int *)user, buf, room);
    while (got < 0 && errno == EINTR);
    return got;
}

typedef struct byte_source {
    const char *at;
    size_t left;
} byte_source;

static ptrdiff_t next_from_bytes(void *user, char *buf, size_t room)
{
    byte_source *b = user;
    size_t n = b->left < room ? b->left : room;
    if (n)
        memcpy(buf, b->at, n);
    b->at += n;
    b->left -= n;
    return (ptrdiff_t)n;
}

data_table *data_read_csv_bytes(gradus_ctx *ctx, const char *name, const char *bytes, size_t n,
                                const data_options *options)
{
    byte_source b = {bytes, n};
    return read_table(ctx, name, next_from_bytes, &b, options);
}

data_table *data_read_csv(gradus_ctx *ctx, const char *path, const data_options *options)
{
    char scratch[64];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (file >= 0 && fstat(file, &about) == 0 && S_ISDIR(about.st_mode)) {
        close(file);
        file = -1;
        errno = EISDIR;
    }
    if (file < 0) {
        diag_error(ctx, GRADUS_IO, SPAN_NONE, NULL, "cannot read %s: %s", path,
                   data_errno_text(errno, scratch));
        return NULL;
    }
    data_table *t = read_table(ctx, path, next_from_file, &file, options);
    close(file);
    return t;
}
