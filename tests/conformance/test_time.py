# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0
"""Clocks, sleeping, dates and time zones."""

import datetime
import os
import time
import unittest
import zoneinfo

try:
    from _vosal import BOARD
except ImportError:
    BOARD = ""

# On native_sim simulated time passes only while all threads wait.
TIME_STANDS_STILL = BOARD.startswith("native_sim")
WHY_STILL = "on native_sim no time passes while a thread computes"


class Clocks(unittest.TestCase):
    """time's clocks."""

    def test_monotonic(self):
        for clock in (time.monotonic_ns, time.perf_counter_ns, time.monotonic, time.perf_counter):
            last = clock()
            for _ in range(1000):
                now = clock()
                self.assertGreaterEqual(now, last)
                last = now

    def test_resolution(self):
        info = time.get_clock_info("perf_counter")
        self.assertTrue(info.monotonic)
        self.assertLessEqual(info.resolution, 1.001e-6)  # a microsecond, as a float

    @unittest.skipIf(TIME_STANDS_STILL, WHY_STILL)
    def test_resolution_is_true(self):
        # The readings are no multiples of a slow tick.
        readings = {time.perf_counter_ns() % 1_000_000 for _ in range(200)}
        self.assertGreater(len(readings), 20)

    def test_clocks_run_at_the_same_pace(self):
        def both():
            return time.monotonic(), time.time(), time.perf_counter()

        before = both()
        time.sleep(0.3)
        monotonic, wall, counter = (b - a for a, b in zip(before, both(), strict=True))
        self.assertGreaterEqual(monotonic, 0.299)
        self.assertAlmostEqual(monotonic, counter, delta=0.1)
        self.assertAlmostEqual(monotonic, wall, delta=0.1)

    def test_seconds_and_nanoseconds_agree(self):
        self.assertAlmostEqual(time.monotonic(), time.monotonic_ns() / 1e9, delta=1)
        self.assertAlmostEqual(time.time(), time.time_ns() / 1e9, delta=1)

    def test_process_time(self):
        before = time.process_time(), time.thread_time()
        sum(range(100_000))
        self.assertGreaterEqual(time.process_time(), before[0])
        self.assertGreaterEqual(time.thread_time(), before[1])

    def test_wall_clock(self):
        now = time.time()
        self.assertGreater(now, 1_600_000_000)  # 2020
        self.assertLess(now, 4_102_444_800)  # 2100
        self.assertEqual(datetime.datetime.now(datetime.UTC).year, time.gmtime(now).tm_year)


class Sleep(unittest.TestCase):
    """time.sleep()."""

    def test_short(self):
        taken = []
        for _ in range(10):
            start = time.perf_counter_ns()
            time.sleep(0.001)
            taken.append(time.perf_counter_ns() - start)
        self.assertGreaterEqual(min(taken), 1_000_000)
        self.assertLess(min(taken), 50_000_000)

    def test_longer(self):
        start = time.monotonic_ns()
        time.sleep(0.25)
        taken = time.monotonic_ns() - start
        self.assertGreaterEqual(taken, 250_000_000)
        self.assertLess(taken, 1_500_000_000)

    def test_zero_and_wrong(self):
        time.sleep(0)
        time.sleep(1e-9)
        with self.assertRaises(ValueError):
            time.sleep(-1)
        with self.assertRaises((OverflowError, ValueError)):
            time.sleep(1e30)


class Calendar(unittest.TestCase):
    """Conversions and time zones."""

    def tearDown(self):
        os.environ.pop("TZ", None)
        time.tzset()

    def test_gmtime(self):
        moment = time.gmtime(1_700_000_000)
        self.assertEqual(moment[:6], (2023, 11, 14, 22, 13, 20))
        self.assertEqual((moment.tm_wday, moment.tm_yday), (1, 318))
        self.assertEqual(
            time.strftime("%Y-%m-%d %H:%M:%S %a %b %j", moment), "2023-11-14 22:13:20 Tue Nov 318"
        )
        self.assertEqual(time.strptime("14 Nov 2023", "%d %b %Y")[:3], (2023, 11, 14))
        self.assertEqual(time.asctime(moment), "Tue Nov 14 22:13:20 2023")

    def test_before_the_epoch_and_far_away(self):
        self.assertEqual(time.gmtime(-1)[:6], (1969, 12, 31, 23, 59, 59))
        self.assertEqual(time.gmtime(2**33)[0], 2242)

    def test_tzset(self):
        os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
        time.tzset()
        self.assertEqual(time.tzname, ("CET", "CEST"))
        self.assertEqual(time.timezone, -3600)
        winter, summer = time.localtime(1_700_000_000), time.localtime(1_690_000_000)
        self.assertEqual((winter.tm_hour, winter.tm_isdst), (23, 0))
        self.assertEqual((summer.tm_hour, summer.tm_isdst), (6, 1))
        self.assertEqual(time.mktime(winter), 1_700_000_000)
        self.assertEqual(winter.tm_gmtoff, 3600)
        os.environ["TZ"] = "UTC0"
        time.tzset()
        self.assertEqual(time.localtime(1_700_000_000).tm_hour, 22)

    def test_datetime(self):
        moment = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)
        self.assertEqual(
            (moment + datetime.timedelta(days=366)).isoformat(), "2025-03-01T12:00:00+00:00"
        )
        self.assertEqual(datetime.datetime.fromisoformat("2024-02-29T12:00:00Z"), moment)
        self.assertEqual(moment.timestamp(), 1_709_208_000)
        self.assertEqual(datetime.datetime.fromtimestamp(1_709_208_000, datetime.UTC), moment)
        self.assertEqual(moment.strftime("%d.%m.%Y %H:%M"), "29.02.2024 12:00")

    def test_fixed_offsets(self):
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=45), "NPT")
        moment = datetime.datetime(2024, 1, 1, tzinfo=zone)
        self.assertEqual(moment.astimezone(datetime.UTC).hour, 18)
        self.assertEqual(moment.tzname(), "NPT")

    def test_zoneinfo(self):
        self.assertTrue(callable(zoneinfo.ZoneInfo))
        with self.assertRaises(zoneinfo.ZoneInfoNotFoundError):
            zoneinfo.ZoneInfo("No/Such_Place")
        if not zoneinfo.available_timezones():
            self.skipTest("no time zone database here")
        zone = zoneinfo.ZoneInfo("Europe/Berlin")
        self.assertEqual(
            datetime.datetime(2024, 7, 1, tzinfo=zone).utcoffset(), datetime.timedelta(hours=2)
        )


if __name__ == "__main__":
    unittest.main()
