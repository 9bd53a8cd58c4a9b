/* CSV: what is read, and what is said when it cannot be. */
#include "data/data.h"
#include "num/num.h"
#include "support/cm.h"
#include "support/refusing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static data_table *read_text(gradus_ctx *ctx, const char *text)
{
    ctx_begin(ctx);
    return data_read_csv_bytes(ctx, "run.csv", text, strlen(text), NULL);
}

static int begin(void **state)
{
    *state = ctx_new(NULL, NULL);
    return *state ? 0 : -1;
}

static int end(void **state)
{
    ctx_free(*state);
    return 0;
}

static void reads_columns(void **state)
{
    gradus_ctx *ctx = *state;
    data_table *t = read_text(ctx, "x,y\n1,2.5\n-3e2,4\n");
    assert_non_null(t);
    assert_int_equal(data_rows(t), 2);
    assert_int_equal(data_columns(t), 2);
    assert_int_equal(data_find_column(t, "y"), 1);
    assert_int_equal(data_find_column(t, "z"), -1);
    const double *x = data_get_numbers(t, "x"), *y = data_get_numbers(t, "y");
    assert_true(x[0] == 1 && x[1] == -300 && y[0] == 2.5 && y[1] == 4);
    assert_null(data_get_column(t, 0)->text);
    assert_int_equal(ctx->diag_count, 0);
    data_table_free(t);
    data_table_free(NULL);
}

/* One table in many spellings. */
static void spellings_agree(void **state)
{
    gradus_ctx *ctx = *state;
    const char *same[] = {
        "x,my y\n1,2.5\n3,4\n",
        "x,my y\r\n1,2.5\r\n3,4\r\n",
        "x,my y\r1,2.5\r3,4\r",
        "x,my y\n1,2.5\n3,4",
        "\xEF\xBB\xBFx,my y\n1,2.5\n3,4\n",
        "x;my y\n1;2.5\n3;4\n",
        "x;my y\n1;2,5\n3;4\n",
        "x\tmy y\n1\t2.5\n3\t4\n",
        " x , my y \n 1 , 2.5 \n3,\t4\n",
        "\"x\",\"my y\"\n\"1\",\"2.5\"\n\"3\",4\n",
        "\"x\" , \"my y\"\n1, \"2.5\" \n3,4\n",
        "\n\nx,my y\n\n1,2.5\n\r\n3,4\n\n\n",
        "x,my y\n1,+2.5\n3.,4e0\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        data_table *t = read_text(ctx, same[i]);
        assert_non_null(t);
        assert_int_equal(data_rows(t), 2);
        assert_int_equal(data_columns(t), 2);
        const double *x = data_get_numbers(t, "x"), *y = data_get_numbers(t, "my y");
        assert_true(x && y && x[0] == 1 && x[1] == 3 && y[0] == 2.5 && y[1] == 4);
        data_table_free(t);
    }
}

static void quotes_hold_anything(void **state)
{
    gradus_ctx *ctx = *state;
    data_table *t = read_text(ctx,
        "name,\"v\"\"1\"\"\"\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"two\r\nlines\",3\n\"\",4\nit\"s,5\n");
    assert_non_null(t);
    const char *const *s = data_get_column(t, 0)->text;
    const char *want[] = {"a,b", "say \"hi\"", "two\r\nlines", "", "it\"s"};
    assert_int_equal(data_rows(t), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(s[i], want[i]);
    const double *v = data_get_numbers(t, "v\"1\"");
    assert_true(v && v[4] == 5);
    data_table_free(t);
}

static void missing_cells_are_nan_and_counted(void **state)
{
    gradus_ctx *ctx = *state;
    data_table *t = read_text(ctx, "x,y,z\n1,,7\n2,NaN,8\n3,n/a,\n4,NULL,9\n5,6,inf\n");
    assert_non_null(t);
    const double *y = data_get_numbers(t, "y");
    assert_true(isnan(y[0]) && isnan(y[1]) && isnan(y[2]) && isnan(y[3]) && y[4] == 6);
    assert_int_equal(data_get_column(t, 1)->gaps, 4);
    assert_int_equal(data_get_column(t, 1)->gap_row, 1);
    assert_int_equal(data_get_column(t, 2)->gap_row, 3);
    assert_int_equal(ctx_status(ctx), GRADUS_OK);
    assert_int_equal(ctx->diag_count, 1);
    assert_string_equal(ctx->diags[0].message,
        "run.csv: column `y` has 4 missing values, the first in row 1");
    assert_true(data_get_numbers(t, "z")[4] == INFINITY);
    assert_non_null(data_get_numbers(t, "x"));
    assert_int_equal(ctx->diag_count, 2); /* x has none: no warning */
    data_table_free(t);
}

static void text_hurts_only_who_asks(void **state)
{
    gradus_ctx *ctx = *state;
    data_table *t = read_text(ctx, "id,x\n7,1\nb\x1f,2\n");
    assert_null(t); /* a control character is no text */
    t = read_text(ctx, "id,x\n7,1\n,2\nred,3\n0.50,4\n");
    assert_non_null(t);
    assert_non_null(data_get_numbers(t, "x"));
    const data_column *id = data_get_column(t, 0);
    assert_int_equal(id->odd_row, 3);
    assert_string_equal(id->text[0], "7");
    assert_string_equal(id->text[1], "");
    assert_string_equal(id->text[2], "red");
    assert_string_equal(id->text[3], "0.50");
    assert_null(data_get_numbers(t, "id"));
    assert_int_equal(ctx_status(ctx), GRADUS_SYNTAX);
    assert_string_equal(diag_first_error(ctx)->message,
                        "run.csv: column `id`, row 3: expected a number, found `red`");
    data_table_free(t);
}

static void missing_columns_are_named(void **state)
{
    gradus_ctx *ctx = *state;
    data_table *t = read_text(ctx, "time,Speed,dist\n1,2,3\n");
    assert_null(data_get_numbers(t, "speed"));
    const diag *d = diag_first_error(ctx);
    assert_string_equal(d->message, "run.csv has no column `speed`; its columns are time, Speed, dist");
    assert_string_equal(d->hint, "did you mean Speed?");
    ctx_begin(ctx);
    assert_null(data_get_numbers(t, "tmie"));
    assert_string_equal(diag_first_error(ctx)->hint, "did you mean time?");
    ctx_begin(ctx);
    assert_null(data_get_numbers(t, "pressure"));
    assert_null(diag_first_error(ctx)->hint);
    data_table_free(t);
    t = read_text(ctx, "x,y,x\n1,2,3\n");
    assert_non_null(data_get_numbers(t, "y"));
    assert_null(data_get_numbers(t, "x"));
    assert_string_equal(diag_first_error(ctx)->message, "run.csv has two columns named `x`: columns 1 and 3");
    data_table_free(t);
}

typedef struct bad_file {
    const char *text;
    size_t n; /* 0: up to the NUL */
    gradus_status status;
    const char *message;
} bad_file;

static void bad_files_are_explained(void **state)
{
    gradus_ctx *ctx = *state;
    const bad_file rows[] = {
        {"", 0, GRADUS_SYNTAX, "run.csv is empty: expected a header with the names of the columns"},
        {"\n\r\n  \n", 0, GRADUS_SYNTAX, "run.csv is empty: expected a header with the names of the columns"},
        {"x,y\n", 0, GRADUS_SYNTAX, "run.csv has a header but no rows"},
        {"x,y", 0, GRADUS_SYNTAX, "run.csv has a header but no rows"},
        {"x,y\n1,2\n\n3\n", 0, GRADUS_SYNTAX, "run.csv: row 2 (line 4) has 1 cell, but the header has 2"},
        {"x,y\n1,2\n3,4,5,6\n", 0, GRADUS_SYNTAX,
            "run.csv: row 2 (line 3) has 4 cells, but the header has 2"},
        {"x,y\r\n1,\"2\r\n\"\r\n3\r\n", 0, GRADUS_SYNTAX,
         "run.csv: row 2 (line 4) has 1 cell, but the header has 2"},
        {"x,y\n1,2\n3", 0, GRADUS_SYNTAX, "run.csv: row 2 (line 3) has 1 cell, but the header has 2"},
        {"1,2\n3,4\n", 0, GRADUS_SYNTAX,
         "run.csv: expected a header with names in the first line, found numbers (1)"},
        {"x,y\n1,\"2\n3,4\n", 0, GRADUS_SYNTAX, "run.csv: the quote opened in line 2 is never closed"},
        {"x,y\n1,\"2\"3\n", 0, GRADUS_SYNTAX,
         "run.csv: line 2, cell 2: expected the end of the cell after the closing quote, found `3`"},
        {"x,y\n1,\0\n", 8, GRADUS_SYNTAX, "run.csv is not a text file: line 2 contains a byte of value 0"},
        {"\x7F" "ELF\2\1\1", 0, GRADUS_SYNTAX,
            "run.csv is not a text file: line 1 contains a byte of value 2"},
        {"PK\3\4....", 0, GRADUS_SYNTAX,
            "run.csv is not a text file: it is a zip archive, perhaps a spreadsheet"},
        {"\x1F\x8B....", 0, GRADUS_SYNTAX, "run.csv is not a text file: it is compressed"},
        {"\xFF\xFEx\0\n\0", 6, GRADUS_SYNTAX, "run.csv is not a text file: it is written in UTF-16"},
        {"a,\xE4\n1,2\n", 0, GRADUS_SYNTAX, "run.csv: the name of column 2, `?`, is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ctx_begin(ctx);
        size_t n = rows[i].n ? rows[i].n : strlen(rows[i].text);
        assert_null(data_read_csv_bytes(ctx, "run.csv", rows[i].text, n, NULL));
        assert_int_equal(ctx_status(ctx), rows[i].status);
        assert_string_equal(diag_first_error(ctx)->message, rows[i].message);
    }
}

static void limits_hold(void **state)
{
    gradus_ctx *ctx = *state;
    data_options o;
    data_options_defaults(&o);
    o.max_rows = 2, o.max_columns = 3, o.max_cell = 5, o.max_bytes = 30;
    const struct { const char *text; bool fits; } rows[] = {
        {"x,y\n1,2\n3,4\n", true}, {"x\n1\n2\n3\n", false}, {"a,b,c\n1,2,3\n", true},
        {"a,b,c,d\n1,2,3,4\n", false},
        {"x\n12345\n", true}, {"x\n123456\n", false}, {"x\n\"12345\"\n", true}, {"x\n\"123456\"\n", false},
        {"x\n1                                    \n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ctx_begin(ctx);
        data_table *t = data_read_csv_bytes(ctx, "run.csv", rows[i].text, strlen(rows[i].text), &o);
        assert_true((t != NULL) == rows[i].fits);
        assert_int_equal(ctx_status(ctx), rows[i].fits ? GRADUS_OK : GRADUS_LIMIT);
        data_table_free(t);
    }
    ctx_begin(ctx);
    ctx->deadline = 1e-9;
    char *long_text = test_malloc(4000);
    memcpy(long_text, "x\n", 2);
    for (size_t i = 2; i < 4000; i += 2)
        memcpy(long_text + i, "1\n", 2);
    assert_null(data_read_csv_bytes(ctx, "run.csv", long_text, 4000, NULL));
    assert_int_equal(ctx_status(ctx), GRADUS_LIMIT);
    test_free(long_text);
}

/* Cells cut at every place by the ends of the pieces that are read. */
static void pieces_may_end_anywhere(void **state)
{
    gradus_ctx *ctx = *state;
    enum { PIECE = 65536 };
    const char tail[] = "\n\"a\"\"b\",12345.5\r\n c ,-7\n";
    for (size_t shift = 0; shift < sizeof tail + 4; shift++) {
        size_t head = PIECE - shift, n = head + sizeof tail - 1;
        char *text = test_malloc(n);
        memset(text, ' ', head);
        memcpy(text, "s,x\n", 4);
        memcpy(text + head - 3, "q,1", 3);
        memcpy(text + head, tail, sizeof tail - 1);
        ctx_begin(ctx);
        data_table *t = data_read_csv_bytes(ctx, "run.csv", text, n, NULL);
        assert_non_null(t);
        assert_int_equal(data_rows(t), 3);
        const double *x = data_get_numbers(t, "x");
        assert_true(x[0] == 1 && x[1] == 12345.5 && x[2] == -7);
        assert_string_equal(data_get_column(t, 0)->text[1], "a\"b");
        assert_string_equal(data_get_column(t, 0)->text[2], "c");
        data_table_free(t);
        test_free(text);
    }
}

static void tables_survive_print_and_read(void **state)
{
    gradus_ctx *ctx = *state;
    enum { ROWS = 20000, COLUMNS = 3 };
    const char *names[COLUMNS] = {"a", "b,\"c\"", " d"};
    static double v[ROWS * COLUMNS];
    uint64_t seed = 3;
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        memcpy(&v[i], &seed, sizeof v[i]);
        if (i % 3 == 0)
            v[i] = (double)(int64_t)(seed % 1000) / 8;
    }
    strbuf b;
    strbuf_init(&b, ctx);
    data_print_csv(&b, names, COLUMNS, v, ROWS);
    data_table *t = data_read_csv_bytes(ctx, "run.csv", b.at, b.n, NULL);
    assert_non_null(t);
    assert_int_equal(data_rows(t), ROWS);
    for (size_t i = 0; i < ROWS * COLUMNS; i++) {
        double x = data_get_column(t, i % COLUMNS)->at[i / COLUMNS];
        assert_true(x == v[i] || (isnan(x) && isnan(v[i])));
    }
    assert_string_equal(data_get_column(t, 1)->name, "b,\"c\"");
    data_table_free(t);
    strbuf_clear(&b);
}

static void json_is_plain(void **state)
{
    gradus_ctx *ctx = *state;
    const char *names[] = {"i", "f\"x\n"};
    const double v[] = {0, 0.1, 1, NAN, 2, -INFINITY};
    strbuf b;
    strbuf_init(&b, ctx);
    data_print_json(&b, names, 2, v, 3);
    assert_string_equal(strbuf_str(&b),
        "[{\"i\": 0, \"f\\\"x\\u000a\": 0.1},\n {\"i\": 1, \"f\\\"x\\u000a\": \"nan\"},\n"
                                        " {\"i\": 2, \"f\\\"x\\u000a\": \"-inf\"}]\n");
    b.n = 0;
    data_print_json(&b, names, 2, v, 0);
    assert_string_equal(strbuf_str(&b), "[]\n");
    strbuf_clear(&b);
}

static void every_refusal_is_survived(void **state)
{
    (void)state;
    char text[6000] = "n,x\n";
    for (int i = 0; i < 200; i++)
        sprintf(text + strlen(text), i % 3 ? "%d,%d.5\n" : "\"t\"\"%d\",%d\n", i, i);
    size_t total = 0;
    for (size_t nth = 1; nth == 1 || nth <= total + 1; nth++) {
        refusing r = {.nth = nth, .onwards = nth % 2};
        gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
        if (ctx) {
            data_table *t = data_read_csv_bytes(ctx, "run.csv", text, strlen(text), NULL);
            assert_true((t != NULL) == (r.refused == 0));
            if (!t)
                assert_int_equal(ctx_status(ctx), GRADUS_NOMEM);
            else {
                assert_null(data_get_numbers(t, "y"));
                assert_true(data_get_numbers(t, "x")[199] == 199.5);
            }
            data_table_free(t);
        }
        ctx_free(ctx);
        assert_int_equal(r.live, 0);
        assert_int_equal(r.wrong, 0);
        total = r.refused ? total : r.calls;
        if (!r.refused && nth > 1)
            break;
    }
}

/* Any bytes: an answer or an error, never a crash. */
static void garbage_is_refused_quietly(void **state)
{
    gradus_ctx *ctx = *state;
    static const char letters[] = ",;\t\"\n\r 1.-exNA\xC3\xA4\xFF\0z";
    uint64_t seed = 11;
    for (int i = 0; i < 30000; i++) {
        char text[64];
        size_t n = (size_t)i % sizeof text;
        for (size_t k = 0; k < n; k++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            text[k] = i % 5 ? letters[seed % (sizeof letters - 1)] : (char)(seed >> 20);
        }
        ctx_begin(ctx);
        data_table *t = data_read_csv_bytes(ctx, "run.csv", text, n, NULL);
        assert_true((t == NULL) == (diag_first_error(ctx) != NULL));
        for (size_t k = 0; t && k < data_columns(t); k++)
            data_get_numbers(t, data_get_column(t, k)->name);
        for (size_t k = 0; k < ctx->diag_count; k++) {
            const char *m = ctx->diags[k].message;
            uint32_t c;
            int len;
            for (; *m; m += len) {
                len = utf8_decode(m, strlen(m), &c);
                assert_true(len > 0 && c >= 0x20);
            }
        }
        data_table_free(t);
    }
}

static void files_that_cannot_be_read(void **state)
{
    gradus_ctx *ctx = *state;
    assert_null(data_read_csv(ctx, "/nonexistent/run.csv", NULL));
    assert_int_equal(ctx_status(ctx), GRADUS_IO);
    assert_string_equal(diag_first_error(ctx)->message,
                        "cannot read /nonexistent/run.csv: there is no such file or folder");
    ctx_begin(ctx);
    assert_null(data_read_csv(ctx, "/tmp", NULL));
    assert_int_equal(ctx_status(ctx), GRADUS_IO);
    assert_string_equal(diag_first_error(ctx)->message, "cannot read /tmp: it is a folder, not a file");
    ctx_begin(ctx);
    assert_null(data_read_csv(ctx, "/dev/null", NULL));
    assert_int_equal(ctx_status(ctx), GRADUS_SYNTAX);
}

static void a_million_rows(void **state)
{
    gradus_ctx *ctx = *state;
    enum { ROWS = 1000000 };
    char path[] = "/tmp/gradus-csv-XXXXXX", line[40];
    int file = mkstemp(path);
    FILE *f = fdopen(file, "w");
    fputs("i,v\n", f);
    for (int i = 0; i < ROWS; i++) {
        snprintf(line, sizeof line, "%d,%d.25\n", i, i % 1000);
        fputs(line, f);
    }
    fclose(f);
    data_table *t = data_read_csv(ctx, path, NULL);
    unlink(path);
    assert_non_null(t);
    assert_int_equal(data_rows(t), ROWS);
    assert_true(data_get_numbers(t, "v")[ROWS - 1] == 999.25);
    data_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_columns, begin, end),
        cmocka_unit_test_setup_teardown(spellings_agree, begin, end),
        cmocka_unit_test_setup_teardown(quotes_hold_anything, begin, end),
        cmocka_unit_test_setup_teardown(missing_cells_are_nan_and_counted, begin, end),
        cmocka_unit_test_setup_teardown(text_hurts_only_who_asks, begin, end),
        cmocka_unit_test_setup_teardown(missing_columns_are_named, begin, end),
        cmocka_unit_test_setup_teardown(bad_files_are_explained, begin, end),
        cmocka_unit_test_setup_teardown(limits_hold, begin, end),
        cmocka_unit_test_setup_teardown(pieces_may_end_anywhere, begin, end),
        cmocka_unit_test_setup_teardown(tables_survive_print_and_read, begin, end),
        cmocka_unit_test_setup_teardown(json_is_plain, begin, end),
        cmocka_unit_test(every_refusal_is_survived),
        cmocka_unit_test_setup_teardown(garbage_is_refused_quietly, begin, end),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_read, begin, end),
        cmocka_unit_test_setup_teardown(a_million_rows, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
