/* Tables of numbers as text: CSV and JSON. */
#include "data/data_impl.h"

#include <math.h>
#include <string.h>

#include "num/num.h"

static void print_name(strbuf *b, const char *name)
{
    if (!strpbrk(name, ",;\t\"\r\n") && name[0] != ' ') {
        strbuf_add(b, name);
        return;
    }
    strbuf_addc(b, '"');
    for (; *name; name++) {
        if (*name == '"')
            strbuf_addc(b, '"');
        strbuf_addc(b, *name);
    }
    strbuf_addc(b, '"');
}

void data_print_csv(strbuf *b, const char *const *names, size_t columns, const double *values, size_t rows)
{
    for (size_t k = 0; k < columns; k++) {
        if (k)
            strbuf_addc(b, ',');
        print_name(b, names[k]);
    }
    strbuf_addc(b, '\n');
    for (size_t i = 0; i < rows * columns; i++) {
        num_print_double(b, values[i]);
        strbuf_addc(b, (i + 1) % columns == 0 ? '\n' : ',');
    }
}

static void print_json_string(strbuf *b, const char *s)
{
    strbuf_addc(b, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            strbuf_addc(b, '\\');
        if ((unsigned char)*s < 0x20)
            strbuf_printf(b, "\\u%04x", (unsigned)*s);
        else
            strbuf_addc(b, *s);
    }
    strbuf_addc(b, '"');
}

void data_print_json(strbuf *b, const char *const *names, size_t columns, const double *values, size_t rows)
{
    strbuf_addc(b, '[');
    for (size_t i = 0; i < rows; i++) {
        strbuf_add(b, i ? ",\n {" : "{");
        for (size_t k = 0; k < columns; k++) {
            double x = values[i * columns + k];
            if (k)
                strbuf_add(b, ", ");
            print_json_string(b, names[k]);
            strbuf_add(b, isfinite(x) ? ": " : ": \"");
            num_print_double(b, x);
            if (!isfinite(x))
                strbuf_addc(b, '"');
        }
        strbuf_addc(b, '}');
    }
    strbuf_add(b, "]\n");
}
