"""The measuring itself: figures, alternation, accounting, and what is written."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from benchmarks import load, measure, plot, publish, rows, servers, table
from benchmarks.case import all_cases


class Figures(unittest.TestCase):
    def test_a_figure_is_the_median_with_its_spread(self):
        figure = rows.Figure.of([3.0, 1.0, 9.0], "µs")
        self.assertEqual((figure.median, figure.low, figure.high), (3.0, 1.0, 9.0))

    def test_a_ratio_is_taken_from_neighbours_so_that_drift_drops_out(self):
        self.assertEqual(measure.ratios([2.0, 20.0, 200.0], [1.0, 10.0, 100.0]).median, 2.0)

    def test_an_aim_is_judged_by_its_own_side(self):
        row = rows.Row("x", ours=rows.Figure(60, 60, 60, "ms"), aim=rows.ours_at_most(50, "ms"))
        self.assertIs(row.met, False)
        row = rows.Row("x", ratio=rows.Figure(1.3, 1, 2), aim=rows.at_most(1.3))
        self.assertIs(row.met, True)
        self.assertIsNone(rows.Row("x").met)

    def test_what_failed_has_not_met_its_aim(self):
        self.assertIs(rows.Row("x", failed="no answer").met, False)

    def test_sides_take_turns_and_none_is_always_first(self):
        order = []
        taken = measure.alternate({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
        self.assertEqual("".join(order), "abbaab")
        self.assertEqual({name: len(samples) for name, samples in taken.items()}, {"a": 3, "b": 3})


class Accounting(unittest.TestCase):
    def test_the_time_of_a_process_and_its_children_is_counted(self):
        burn = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\ninput()"
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
            deadline = time.monotonic() + 20
            while measure.cpu_of(measure.descendants(process.pid)) < 0.3 and time.monotonic() < deadline:
                time.sleep(0.01)
            used = measure.cpu_of(measure.descendants(process.pid))
            self.assertEqual(len(measure.descendants(process.pid)), 2)
            process.communicate(b"\n")
        self.assertGreaterEqual(used, 0.3)

    def test_a_process_that_is_gone_costs_nothing(self):
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            process.wait()
        self.assertEqual(measure.cpu_of_process(process.pid), 0.0)

    def test_other_load_is_what_neither_side_used(self):
        cores = os.cpu_count() or 1
        self.assertAlmostEqual(measure.other_share(busy=1.0 * cores, ours=0.5 * cores, seconds=1.0), 0.5)
        self.assertEqual(measure.other_share(busy=1.0, ours=2.0, seconds=1.0), 0.0)

    def test_the_machine_time_is_read_with_what_was_stolen(self):
        now = measure.MachineTime.now("cpu 100 0 100 1000 5 0 0 50 0 0\ncpu0 1")
        self.assertAlmostEqual(now.busy * 50, now.stolen * 200)


class Loads(unittest.TestCase):
    def test_the_summary_is_read(self):
        seen = load.Seen.parse(
            'noise\nwrk-summary {"requests": 10, "duration_us": 2000000, "bytes": 5, "p50_us": 1000, "p90_us": 2000, '
            '"p99_us": 3000, "max_us": 4000, "errors": {"connect": 0, "read": 1, "write": 0, "status": 2, "timeout": 0}}\n'
        )
        self.assertEqual((seen.requests, seen.seconds, seen.p99, seen.wrong), (10, 2.0, 3.0, 3))

    def test_a_load_without_a_summary_is_a_failure(self):
        with self.assertRaises(load.LoadFailed):
            load.Seen.parse("unable to connect")


class Servers(unittest.TestCase):
    def test_a_server_is_awaited_and_stopped_with_its_children(self):
        with tempfile.TemporaryDirectory() as folder:
            port = servers.free_port()
            command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
            with servers.Server("web", command, port=port, folder=Path(folder), ready="/") as server:
                pid = server.pid
                self.assertTrue(server.is_ready())
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)

    def test_a_server_that_ends_says_its_last_words(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", "raise SystemExit('no such file')"]
            with self.assertRaisesRegex(servers.ServerFailed, "no such file"):
                servers.Server("web", command, port=1, folder=Path(folder)).start()


class Writing(unittest.TestCase):
    def results(self):
        good = rows.Row("read | it", rows.Figure(26, 25, 27, "µs"), rows.Figure(20, 20, 20, "µs"), "bare",
                        rows.Figure(1.25, 1.2, 1.31), rows.at_most(1.3), case="B1", other_load=0.04)
        bad = rows.Row("broken", failed="no answer", case="B1")
        return [rows.Result("B1", "Reading", "≤ 1.3", [good, bad], 1.0, "2026-01-01 10:00")]

    def test_the_table_shows_what_was_met_and_what_failed(self):
        text = table.markdown(self.results())
        self.assertIn("| B1 | read \\| it | 26 (25–27) µs | bare: 20 µs | 1.25 (1.2–1.31) | ≤ 1.3 | yes | 4% |", text)
        self.assertIn("FAILED: no answer", text)

    def test_the_plot_is_an_svg_with_a_bar_for_each_aim(self):
        text = plot.svg(self.results(), "Figures")
        self.assertEqual(text.count("<rect"), 2)
        self.assertNotIn("http://", text.replace("http://www.w3.org/2000/svg", ""))

    def test_results_of_cases_that_did_not_run_are_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            publish.write(out, out, self.results(), quick=True)
            kept = publish.kept(out, ["B2"])
            self.assertEqual(kept, self.results())
            self.assertEqual(publish.kept(out, ["B1"]), [])


class Cases(unittest.TestCase):
    def test_every_case_says_what_it_is(self):
        names = [case.id for case in all_cases()]
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("B1", names)


if __name__ == "__main__":
    unittest.main()
