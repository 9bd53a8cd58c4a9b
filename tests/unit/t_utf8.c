/* UTF-8: every code point there and back, every malformed form refused, columns. */
#include "base/base.h"
#include "support/cm.h"

#include <string.h>

static void all_code_points_survive(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        char s[4];
        uint32_t back = 0xFFFFFFFF;
        int n = utf8_encode(c, s);
        assert_int_equal(n, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        assert_int_equal(utf8_decode(s, (size_t)n, &back), n);
        assert_int_equal(back, c);
        if (n > 1)
            assert_int_equal(utf8_decode(s, (size_t)n - 1, &back), -1); /* cut short */
    }
}

static void malformed_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                         "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
                         "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xFE", "\xFF", "\xC3(", "\xE2\x82(", "\xE2(\xA1", "\xF0\x9F\x92("};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t c = 5;
        assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &c), -1);
        assert_int_equal(c, 5);
    }
    uint32_t c;
    assert_int_equal(utf8_decode("", 0, &c), 0);
    assert_int_equal(utf8_decode("\0", 1, &c), 1);
}

static void every_pair_of_bytes_is_safe(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            char s[2] = {(char)a, (char)b};
            uint32_t c;
            int n = utf8_decode(s, 2, &c);
            assert_true(n == -1 || n == 1 || n == 2);
            assert_true((n == 1) == (a < 0x80));
        }
}

static size_t width(const char *s)
{
    return utf8_width(s, strlen(s));
}

static void columns(void **state)
{
    (void)state;
    assert_int_equal(width(""), 0);
    assert_int_equal(width("sin x"), 5);
    assert_int_equal(width("\xCF\x80r\xC2\xB2"), 3);            /* pi r squared            */
    assert_int_equal(width("e\xCC\x81"), 1);                    /* e with a combining mark */
    assert_int_equal(width("\xE2\x88\x82x/\xE2\x88\x82y"), 5);  /* partial signs           */
    assert_int_equal(width("\xE6\x95\xB0\xE5\xAD\xA6"), 4);     /* two wide characters     */
    assert_int_equal(width("a\xFF" "b"), 3);                    /* a bad byte shows as one */
    assert_int_equal(width("\xF0\x9D\x94\xBC"), 1);             /* mathematical letter     */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_code_points_survive), cmocka_unit_test(malformed_is_refused),
        cmocka_unit_test(every_pair_of_bytes_is_safe), cmocka_unit_test(columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
