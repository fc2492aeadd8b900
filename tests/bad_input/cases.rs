//! Ways to get a scenario wrong: the text with what is wrong between « and », a word of the message and a
//! word of the help.
//!
//! `[nodes]` and `[layouts]` are added where a text has none, so that nothing else is wrong with it.

/// One way.
pub struct Case {
    pub name: &'static str,
    marked: &'static str,
    /// What the message has to contain: what was found.
    pub found: &'static str,
    /// What the help has to contain: the way out.
    pub way_out: &'static str,
}

const fn case(name: &'static str, marked: &'static str, found: &'static str, way_out: &'static str) -> Case {
    Case { name, marked, found, way_out }
}

impl Case {
    /// The scenario.
    pub fn text(&self) -> String {
        let mut text = self.marked.replace(['«', '»'], "");
        if !text.contains("[nodes]") && !text.contains("nodes = 5") {
            text += "\n[nodes]\nids = \"1-3\"\n";
        }
        if !text.contains("layouts") {
            text += "\n[layouts.a]\n";
        }
        text
    }

    /// Bytes of the text that are wrong.
    pub fn span(&self) -> std::ops::Range<usize> {
        let start = self.marked.find('«').expect("a mark");
        let end = self.marked.find('»').expect("a mark") - '«'.len_utf8();
        start..end
    }

    /// Line and column of the place, from 1.
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.marked.split('«').next().unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    // Unknown keys, at each level.
    case("key-of-the-file", "«duratoin» = \"1h\"", "unknown key `duratoin`", "`duration`?"),
    case("heading", "[«servers»]", "unknown key `servers`", "`server`?"),
    case("key-of-server", "[server]\n«verson» = \"0.14\"", "`verson`", "`version`?"),
    case("key-of-nodes", "[nodes]\nids = \"1-3\"\n«core» = 4", "`core`", "`cores`?"),
    case("key-of-a-node", "[nodes]\nids = \"1-3\"\n[node.2]\n«core» = 4", "`core`", "`cores`?"),
    case("key-of-workload", "[workload]\n«acounts» = 4", "`acounts`", "`accounts`?"),
    case("key-of-a-task", "[tasks.fts-indexing]\n«cpus» = \"1ms\"", "`cpus`", "`cpu`?"),
    case("key-of-database", "[database]\n«conections» = 5", "`conections`", "`connections`?"),
    case("key-of-coordinator", "[coordinator]\n«delays» = \"3s\"", "`delays`", "`delay`?"),
    case("key-of-push", "[push]\n«endpoints» = \"3s\"", "`endpoints`", "`endpoint`?"),
    case("key-of-a-fault", "[[fault]]\ncrash = { node = 2, «att» = \"1h\", for = \"1h\" }", "`att`", "`at`?"),
    case("key-of-activity", "[workload]\nactivity = { lognormal = { «sigm» = 1 } }", "`sigm`", "`sigma`?"),
    case("key-of-recipients", "[workload]\nrecipients_per_message = { geometric = { «men» = 2 } }", "`men`", "`mean`?"),
    case("key-of-a-layout", "[layouts.a.«clustr».roles]\npush-notifications = [\"1\"]", "`clustr`", "`cluster`?"),
    case("key-like-file", "[layouts.a]\n«fil» = \"config.toml\"", "`fil`", "`file`?"),
    case("key-of-cluster", "[layouts.a.cluster]\n«role» = 5", "`cluster.role`", "cluster.roles"),
    case("roles-without-cluster", "[layouts.a.«roles»]\npush-notifications = [\"1\"]", "`roles`", "cluster.roles"),
    case("key-beside-file", "[layouts]\na = { file = \"a.toml\", «verson» = \"0.14\" }", "`verson`", "version"),
    // Misspelt roles.
    case("role-of-tasks", "[tasks.«fts-indexng»]\ncpu = \"1ms\"", "`fts-indexng`", "`fts-indexing`?"),
    case("nested-role-of-tasks", "[tasks.purge]\n«store» = { cpu = \"1ms\" }", "`store`", "`stores`?"),
    case("role-of-lock-time", "[server.lock_time]\n«fts-indexng» = \"5s\"", "no role `fts-indexng`", "`fts-indexing`?"),
    case("role-of-batch", "[server.batch]\n«indexing» = 5", "no role `indexing`", "fts-indexing"),
    case("role-of-a-layout", "[layouts.a.cluster.roles]\n«push-notification» = [\"1\"]", "`push-notification`", "`push-notifications`?"),
    // Times.
    case("negative-time", "duration = «\"-5m\"»", "not negative", "\"300s\""),
    case("negative-warmup", "warmup = «\"-5m\"»", "not negative", "\"300s\""),
    case("time-without-unit", "duration = «\"5\"»", "`5` is no time: it has no unit", "\"300s\""),
    case("time-without-quotes", "duration = «5»", "expected a time", "in quotes"),
    case("months", "duration = «\"20M\"»", "no unit `M`; a minute is `m`", "\"300s\""),
    case("unknown-unit", "duration = «\"5 parsecs\"»", "no unit `parsecs`", "\"300s\""),
    case("empty-time", "duration = «\"\"»", "it is empty", "\"300s\""),
    case("time-zero", "duration = «\"0s\"»", "`duration` is zero", "above zero"),
    case("month", "duration = «\"1 month\"»", "no unit `month`; there are ns, us, ms, s, m, h, d, w, y", "\"300s\""),
    case("minutes", "duration = «\"20 minutes\"»", "no unit `minutes`", "\"300s\""),
    case("unit-twice", "duration = «\"1h1h\"»", "the unit `h` twice", "\"300s\""),
    case("time-too-fine", "duration = «\"0.0000000001s\"»", "finer than a nanosecond", "\"300s\""),
    case("objective-without-unit", "[objectives]\n\"fts-indexing.latency.p99\" = «\"< 60\"»", "`60` has no unit", "\"< 60s\""),
    case("text-behind-number", "[workload]\naccounts = «200 mailboxes»", "unexpected text behind a number", "the number alone"),
    case("percent-without-quotes", "[workload]\naccounts = «5%»", "unexpected text behind a number", "the number alone"),
    case("huge-number", "[workload]\nmessages_per_account_per_day = «1e300»", "is 1e300", "use a number from 0"),
    case("time-too-long", "duration = «\"2000y\"»", "longer than 100 years", "\"300s\""),
    case("time-beyond-numbers", "duration = «\"99999999999999999999y\"»", "longer than 100 years", "\"300s\""),
    case("interval-zero", "[server]\nrefresh_interval = «\"0s\"»", "`refresh_interval` is zero", "above zero"),
    case("margin-zero", "[server]\nseen_margin = «\"0s\"»", "`seen_margin` is zero", "above zero"),
    case("round-trip-too-long", "[server]\nlock_round_trip = «\"2d\"»", "`lock_round_trip` is 2d", "at most 60m"),
    case("bins-too-short", "timeline_step = «\"1ns\"»", "more than 100000 bins", "longer"),
    case("retry-too-soon", "[workload]\nsender_retry = «\"1ms\"»", "`sender_retry` is 1ms", "1s or more"),
    case("time-of-day", "[server]\npurge_accounts_at = «\"25:00\"»", "`25:00` is no time of day", "\"03:00\""),
    case("times-of-day", "[server]\npurge_stores_at = «[\"01:00\"]»", "1 times instead of three", "three"),
    // The start.
    case("start-as-text", "start = «\"soon\"»", "the text \"soon\"", "2026-03-02T00:00:00Z"),
    case("start-in-month-13", "start = «2026-13-45T00:00:00Z»", "month", "2026-03-02T00:00:00Z"),
    case("start-on-30-february", "start = «2026-02-30T00:00:00Z»", "day", "2026-03-02T00:00:00Z"),
    case("start-without-date", "start = «07:30:00»", "07:30:00", "2026-03-02T00:00:00Z"),
    // Numbers.
    case("no-replications", "replications = «0»", "`replications` is 0", "from 1 to 100000"),
    case("too-many-replications", "replications = «999999999999»", "999999999999", "from 1 to 100000"),
    case("negative-seed", "seed = «-1»", "`seed` is -1", "from 0"),
    case("seed-too-large", "seed = «18446744073709551616»", "18446744073709551616", "below 9223372036854775808"),
    case("no-accounts", "[workload]\naccounts = «0»", "`accounts` is 0", "from 1"),
    case("too-many-accounts", "[workload]\naccounts = «99999999999»", "99999999999", "to 10000000"),
    case("first-account-too-large", "[workload]\nfirst_account_id = «4294967295»", "4294967295", "from 0 to"),
    case("no-cores", "[nodes]\nids = \"1-3\"\ncores = «0»", "`cores` is 0", "from 1"),
    case("too-many-cores", "[nodes]\nids = \"1-3\"\ncores = «2000000000»", "2000000000", "to 65536"),
    case("speed-zero", "[nodes]\nids = \"1-3\"\nspeed = «0»", "`speed` is 0", "from 0.000001"),
    case("negative-mail-share", "[nodes]\nids = \"1-3\"\nmail_share = «-1»", "`mail_share` is -1", "from 0"),
    case("tiny-mail-share", "[nodes]\nids = \"1-3\"\n[node.1]\nmail_share = «1e-300»", "`mail_share`", "use 0, or"),
    case("nobody-takes-mail", "[nodes]\nids = \"1-3\"\nmail_share = «0»", "no node receives mail", "`mail_share` above zero"),
    case("no-connections", "[database]\nconnections = «0»", "`connections` is 0", "from 1"),
    case("negative-messages", "[workload]\nmessages_per_account_per_day = «-1»", "is -1", "from 0"),
    case("infinite-messages", "[workload]\nmessages_per_account_per_day = «inf»", "is inf", "from 0"),
    case("probability-over-1", "[workload]\ninvitations_per_message = «1.5»", "is 1.5", "from 0 to 1"),
    case("probability-nan", "[workload]\ninvitations_per_message = «nan»", "is NaN", "from 0 to 1"),
    case("negative-probability", "[push]\nfailure_probability = «-0.1»", "is -0.1", "from 0 to 1"),
    case("task-that-always-fails", "[tasks.fts-indexing]\nfailure_probability = «1.0»", "is 1", "from 0 to 0.99"),
    case("no-recipients", "[workload]\nrecipients_per_message = «0»", "0 recipients", "from 1"),
    case("half-a-recipient", "[workload]\nrecipients_per_message = «0.5»", "0.5 recipients", "whole number"),
    case("more-recipients-than-accounts", "[workload]\naccounts = 10\nrecipients_per_message = «11»", "11 recipients", "at most 10"),
    case("recipients-below-1", "[workload]\nrecipients_per_message = { geometric = { mean = «0.5» } }", "`mean` is 0.5", "from 1"),
    case("activity-too-unequal", "[workload]\nactivity = { lognormal = { sigma = «50» } }", "`sigma` is 50", "from 0 to 3"),
    case("factor-zero", "[[fault]]\nslow_node = { node = 1, at = \"1h\", for = \"1h\", factor = «0» }", "`factor` is 0", "from 0.000001"),
    case("factors-multiply", "[[fault]]\nslow_node = { node = 1, at = \"1h\", for = \"1h\", factor = 1e-5 }\n«[[fault]]»\nslow_node = { node = 1, at = \"1h\", for = \"1h\", factor = 1e-5 }", "a factor of 1e-10", "between"),
    // Cycles.
    case("23-hours", "[workload]\ndaily_cycle = «[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]»", "23 weights instead of 24", "24 weights"),
    case("no-weight", "[workload]\nweekly_cycle = «[0,0,0,0,0,0,0]»", "all weights", "7 weights"),
    case("negative-weight", "[workload]\nweekly_cycle = [1,1,1,1,1,1,«-1»]", "the weight -1", "use 0, or"),
    case("weight-as-text", "[workload]\nweekly_cycle = [1,1,1,1,1,1,«\"1\"»]", "the text \"1\"", "without quotes"),
    case("unknown-cycle", "[workload]\ndaily_cycle = «\"ofice\"»", "`ofice`", "\"office\""),
    // Populations, arrivals, mailings.
    case("key-of-a-population", "[[population]]\nname = \"a\"\n«shre» = 1", "`shre`", "`share`?"),
    case("key-of-a-burst", "[[burst]]\nat = \"1h\"\nshare = 0.1\n«withn» = \"1s\"", "`withn`", "`within`?"),
    case("one-bracket-of-a-population", "«[population]»\nname = \"a\"", "expected a list, found a table", "two brackets"),
    case("shares-below-1", "[[population]]\nname = \"a\"\nshare = 0.5\n[[population]]\nname = \"b\"\nshare = «0.4»", "add up to 0.9", "add up to 1"),
    case("shares-above-1", "[[population]]\nname = \"a\"\nshare = 0.7\n[[population]]\nname = \"b\"\nshare = «0.5»", "add up to 1.2", "add up to 1"),
    case("share-and-accounts", "[[population]]\nname = \"a\"\nshare = «1»\naccounts = 5", "both `share` and `accounts`", "`share`"),
    case("share-beside-accounts", "[[population]]\nname = \"a\"\naccounts = 5\n[[population]]\nname = \"b\"\nshare = «0.5»", "the first one a number", "all of them"),
    case("neither-share-nor-accounts", "«[[population]]»\nname = \"a\"", "neither", "`accounts`"),
    case("population-without-name", "«[[population]]»\nshare = 1", "no name", "name ="),
    case("populations-of-one-name", "[[population]]\nname = \"a\"\nshare = 0.5\n[[population]]\nname = «\"a\"»\nshare = 0.5", "two populations are called `a`", "another name"),
    case("population-of-nobody", "[workload]\naccounts = 10\n[[population]]\nname = \"a\"\nshare = 0.99\n[[population]]\nname = \"b\"\nshare = «0.01»", "no account", "larger share"),
    case("another-sum-of-accounts", "[workload]\naccounts = «10»\n[[population]]\nname = \"a\"\naccounts = 5", "the populations have 5", "leave it out"),
    case("group-smaller-than-a-message", "[workload]\nrecipients_per_message = «8»\n[[population]]\nname = \"a\"\naccounts = 5", "8 recipients", "at most 5"),
    case("time-zone-by-name", "[workload]\ntime_zone = «\"Europe/Berlin\"»", "`Europe/Berlin` is no offset", "\"+02:00\""),
    case("time-zone-too-far", "[workload]\ntime_zone = «\"+15:00\"»", "`+15:00` is no offset", "\"+02:00\""),
    case("unknown-arrivals", "[workload]\narrivals = «\"poison\"»", "`poison`", "`poisson`?"),
    case("weibull-too-clumped", "[workload]\narrivals = { weibull = { shape = «0.01» } }", "`shape` is 0.01", "from 0.2"),
    case("ratio-below-1", "[workload]\narrivals = { markov_modulated = { ratio = «0.5», busy_mean = \"1m\", quiet_mean = \"1m\" } }", "`ratio` is 0.5", "from 1"),
    case("busy-too-short", "[workload]\narrivals = { markov_modulated = { ratio = 2, busy_mean = «\"1ms\"», quiet_mean = \"1m\" } }", "`busy_mean` is 1ms", "1s or more"),
    case("growth-without-end", "duration = \"100d\"\n[workload]\ngrowth_per_day = «0.5»", "times that at the start", "smaller"),
    case("alerts-over-1", "[workload]\ncalendar_alert_clustering = «{ full = 0.7, half = 0.5 }»", "add up to 1.2", "1 or less"),
    case("burst-of-nobody", "[[burst]]\nat = \"1h\"\nshare = «0»", "nobody", "above 0"),
    case("burst-without-time", "«[[burst]]»\nshare = 0.1", "neither `at` nor `every`", "every = "),
    case("burst-after-the-span", "duration = \"1h\"\n[[burst]]\nat = «\"2h\"»\nshare = 0.1", "the measured span ends at", "earlier"),
    case("burst-overlaps-itself", "[[burst]]\nevery = «\"5s\"»\nshare = 0.1\nwithin = \"10s\"", "`every` is 5s", "10s or more"),
    // Node ids.
    case("id-no-number", "[nodes]\nids = «\"1,x,3\"»", "`x` is no node id", "\"1-5\""),
    case("id-as-text-in-a-list", "[nodes]\nids = [1, «\"two\"»]", "the text \"two\"", "whole number"),
    case("negative-id", "[nodes]\nids = [1, «-2»]", "`-2` is no node id", "0 or more"),
    case("negative-id-alone", "[nodes]\nids = «-1»", "`-1` is no node id", "\"1-5\""),
    case("no-ids", "[nodes]\nids = «\"\"»", "no nodes", "\"1-5\""),
    case("empty-list-of-ids", "[nodes]\nids = «[]»", "no nodes", "\"1-5\""),
    case("no-nodes", "«»[nodes]\ncores = 8", "the scenario has no nodes", "ids = \"1-5\""),
    case("repeated-id", "[nodes]\nids = «\"1-3,2\"»", "node 2 is listed twice", "once"),
    case("backward-range", "[nodes]\nids = «\"5-1\"»", "`5-1` runs backwards", "\"1-5\""),
    case("huge-range", "[nodes]\nids = «\"1-18446744073709551615\"»", "more than 60000 nodes", "\"1-5\""),
    case("many-ranges", "[nodes]\nids = «\"1-40000,50001-90000\"»", "more than 60000 nodes", "\"1-5\""),
    case("table-of-no-node", "[nodes]\nids = \"1-3\"\n[node.«9»]\ncores = 2", "no node 9", "1-3"),
    case("table-of-no-number", "[nodes]\nids = \"1-3\"\n[node.«two»]\ncores = 2", "`two` is no node id", "[node.5]"),
    case("two-tables-of-a-node", "[nodes]\nids = \"1-3\"\n[node.02]\ncores = 2\n[node.«2»]\ncores = 3", "node 2 has two tables", "keep one"),
    // Distributions.
    case("unknown-distribution", "[tasks.fts-indexing]\ncpu = { «exponental» = { mean = \"1ms\" } }", "unknown distribution `exponental`", "`exponential`?"),
    case("unknown-distribution-by-heading", "[tasks.fts-indexing.cpu]\n«exponental» = { mean = \"1ms\" }", "unknown distribution `exponental`", "`exponential`?"),
    case("unknown-parameter", "[tasks.fts-indexing]\ncpu = { lognormal = { mean = \"1ms\", «cvv» = 1 } }", "unknown key `cvv`", "`cv`?"),
    case("parameter-of-another", "[tasks.fts-indexing]\ncpu = { weibull = { mean = \"1ms\", «cv» = 1 } }", "unknown key `cv`", "shape"),
    case("parameter-missing", "[tasks.fts-indexing]\ncpu = { uniform = «{ low = \"2s\" }» }", "`high` is missing", "`high = "),
    case("parameters-of-no-form", "[tasks.fts-indexing]\ncpu = { «lognormal» = { mean = \"1ms\" } }", "lognormal", "`mean` and `cv`"),
    case("parameters-of-two-forms", "[tasks.fts-indexing]\ncpu = { «gamma» = { mean = \"1ms\", cv = 1, shape = 2 } }", "gamma", "`mean` and `shape`"),
    case("parameter-without-unit", "[tasks.fts-indexing]\ncpu = { exponential = { mean = «5» } }", "the whole number `5`", "\"300s\""),
    case("mean-zero", "[tasks.fts-indexing]\ncpu = { lognormal = { mean = «\"0s\"», cv = 1 } }", "`mean` is zero", "above zero"),
    case("negative-cv", "[tasks.fts-indexing]\ncpu = { lognormal = { mean = \"1s\", cv = «-1» } }", "`cv` is -1", "from 0"),
    case("cv-as-text", "[tasks.fts-indexing]\ncpu = { lognormal = { mean = \"1s\", cv = «\"big\"» } }", "the text \"big\"", "without quotes"),
    case("cv-below-1", "[tasks.fts-indexing]\ncpu = { hyperexponential = { mean = \"1s\", cv = «0.5» } }", "`cv` is 0.5", "from 1"),
    case("no-mean", "[tasks.fts-indexing]\ncpu = { pareto = { mean = \"1s\", shape = «1.0» } }", "no mean", "above 1"),
    case("shape-nan", "[tasks.fts-indexing]\ncpu = { weibull = { mean = \"2s\", shape = «nan» } }", "`shape` is NaN", "from 0.05"),
    case("shape-tiny", "[tasks.fts-indexing]\ncpu = { gamma = { scale = \"2s\", shape = «1e-9» } }", "`shape`", "from 0.05"),
    case("erlang-of-no-phases", "[tasks.fts-indexing]\ncpu = { erlang = { mean = \"2s\", shape = «0» } }", "`shape` is 0", "from 1"),
    case("erlang-of-half-phases", "[tasks.fts-indexing]\ncpu = { erlang = { mean = \"2s\", shape = «1.5» } }", "`1.5`", "whole number"),
    case("exchanged-bounds", "[tasks.fts-indexing]\ncpu = { uniform = { low = «\"2s\"», high = \"1s\" } }", "`low` is 2s", "exchange"),
    case("two-distributions", "[tasks.fts-indexing]\ncpu = { exponential = { mean = \"1s\" }, «uniform» = { low = \"1s\", high = \"2s\" } }", "`uniform` too", "keep one"),
    case("empty-distribution", "[tasks.fts-indexing]\ncpu = «{}»", "names no distribution", "exponential"),
    case("distribution-as-number", "[tasks.fts-indexing]\ncpu = «5»", "expected a distribution", "exponential"),
    case("distribution-as-true", "[tasks.fts-indexing]\ncpu = «true»", "expected a distribution", "exponential"),
    case("no-file-of-values", "[tasks.fts-indexing]\ncpu = { empirical = «\"missing.csv\"» }", "missing.csv", "CSV file"),
    case("unknown-recipients", "[workload]\nrecipients_per_message = { «geometrc» = { mean = 2 } }", "unknown distribution `geometrc`", "`geometric`?"),
    case("two-recipients", "[workload]\nrecipients_per_message = { constant = 1, «geometric» = { mean = 2 } }", "`geometric` too", "keep one"),
    // Faults.
    case("unknown-fault", "[[fault]]\n«crsh» = { node = 2, at = \"1h\", for = \"1h\" }", "unknown kind of fault `crsh`", "`crash`?"),
    case("no-fault", "«[[fault]]»", "no kind of fault", "crash"),
    case("two-faults-in-one", "[[fault]]\ncrash = { node = 2, at = \"1h\", for = \"1h\" }\n«slow_node» = { node = 2, at = \"1h\", for = \"1h\", factor = 1 }", "`slow_node` too", "[[fault]]"),
    case("one-bracket", "«[fault]»\ncrash = { node = 2, at = \"1h\", for = \"1h\" }", "expected a list, found a table", "[[fault]]"),
    case("fault-of-no-node", "[[fault]]\ncrash = { node = «9», at = \"1h\", for = \"1h\" }", "no node 9", "1-3"),
    case("fault-of-a-text", "[[fault]]\ncrash = { node = «\"two\"», at = \"1h\", for = \"1h\" }", "the text \"two\"", "whole number"),
    case("fault-without-end", "[[fault]]\ncrash = «{ node = 2, at = \"1h\" }»", "`for` is missing", "`for = \"30m\"`"),
    case("fault-of-no-zone", "[[fault]]\nzone_outage = { zone = «\"b\"», at = \"1h\", for = \"1h\" }", "zone `b`", "give nodes a zone"),
    case("fault-of-another-zone", "[nodes]\nids = \"1-3\"\nzone = \"c\"\n[[fault]]\nzone_outage = { zone = «\"b\"», at = \"1h\", for = \"1h\" }", "zone `b`", "`c`?"),
    case("fault-without-length", "[[fault]]\ncrash = { node = 2, at = \"1h\", for = «\"0s\"» }", "`for` is zero", "above zero"),
    // What only 0.16 reads.
    case("push-shard-before-0.16", "[nodes]\nids = \"1-3\"\npush_shard = «3»", "only server 0.16 reads `push_shard`", "version = \"0.16\""),
    case("role-before-0.16", "[nodes]\nids = \"1-3\"\n[node.2]\nrole = «\"a\"»", "only server 0.16 reads `role`", "remove the key"),
    case("role-of-documented", "[nodes]\nids = \"1-3\"\nrole = «\"a\"»\n[layouts.a]\nversion = \"documented\"\n[layouts.b]\nversion = \"0.15.5\"", "(here: 0.15.5, documented)", "remove the key"),
    case("crash-of-nobody", "«[[fault]]»\ncrash = { at = \"1h\", for = \"1h\" }", "names no node", "`nodes = \"all\"`"),
    case("cut-off-twice", "[[fault]]\ncut_off = { node = 1, nodes = «\"1,2\"», from = \"all\", at = \"1h\", for = \"1h\" }", "both `node` and `nodes`", "write one of"),
    case("cut-off-from-what", "[[fault]]\ncut_off = { node = 1, from = «\"redis\"», at = \"1h\", for = \"1h\" }", "redis", "lock_store"),
    case("zone-and-nodes", "[[fault]]\nrandom_crashes = { zone = «\"a\"», nodes = \"1\", between = \"1d\", repair = \"1h\" }", "both `zone` and `nodes`", "keep one"),
    case("zone-probability", "[[fault]]\nrandom_crashes = { zone_probability = «2», between = \"1d\", repair = \"1h\" }", "`zone_probability` is 2", "from 0 to 1"),
    case("loss-probability", "[coordinator]\nloss_probability = «-0.1»", "`loss_probability` is -0.1", "from 0 to 1"),
    case("crashes-of-no-node", "[[fault]]\nrandom_crashes = { nodes = «\"1,7\"», between = \"1d\", repair = \"1h\" }", "no node 7", "1-3"),
    case("crashes-without-pause", "[[fault]]\nrandom_crashes = { between = «\"0s\"», repair = \"1h\" }", "no time between crashes", "above zero"),
    case("crashes-without-end", "«[[fault]]»\nrandom_crashes = { between = \"1us\", repair = \"0s\" }", "would crash", "longer time"),
    case("crashes-unknown-distribution", "[[fault]]\nrandom_crashes = { between = { «weibul» = { mean = \"1h\", shape = 1 } }, repair = \"1h\" }", "`weibul`", "`weibull`?"),
    // Traces.
    case("no-trace-of-failures", "[[fault]]\ntrace = «\"missing.csv\"»", "missing.csv", "CSV file"),
    case("no-trace-of-messages", "[workload]\nreplay = «\"missing.csv\"»", "missing.csv", "CSV file"),
    case("scale-without-trace", "[workload]\nreplay_scale = «2»", "without `replay`", "replay = \"trace.csv\""),
    // Layouts.
    case("no-layouts", "«»duration = \"1h\" # no layouts", "no layout", "[layouts]"),
    case("empty-layouts", "«[layouts]»", "no layout", "[layouts]"),
    case("layouts-as-number", "layouts = «5»", "no table", "[layouts]"),
    case("layout-as-number", "[layouts]\na = «5»", "neither a path nor a table", "[layouts]"),
    case("layout-missing", "[layouts]\na = «\"missing.toml\"»", "no layout file `missing.toml`", "scenario's folder"),
    case("layout-a-folder", "[layouts]\na = «\".\"»", "is a folder", "config.toml"),
    case("version-of-a-layout", "[layouts]\na = { version = «\"0.17\"» }", "`0.17`", "0.16"),
    // The server.
    case("unknown-version", "[server]\nversion = «\"0.17\"»", "`0.17`", "0.13, 0.14, 0.15, 0.16"),
    case("version-as-number", "[server]\nversion = «0.14»", "the number `0.14`", "\"0.14\""),
    case("unknown-lock-store", "[server]\nlock_store = «\"rediss\"»", "`rediss`", "`redis`?"),
    case("constant-of-another-version", "[server]\nretry_max_attempts = «3»", "means nothing before 0.16", "0.16"),
    case("interval-of-another-version", "[server]\ntraining_interval = «\"1h\"»", "means nothing before 0.15", "0.15"),
    case("role-of-no-layout", "[server]\nversion = \"0.16\"\n[nodes]\nids = \"1-3\"\n[node.2]\nrole = «\"indexer\"»", "`indexer`", "no roles"),
    case("unknown-balancer", "[nodes]\nids = \"1-3\"\nload_balancer = «\"robin\"»", "`robin`", "rotation"),
    // Objectives.
    case("unknown-metric", "[objectives]\n«\"fts-indexing.latency.p98\"» = \"< 60s\"", "`fts-indexing.latency.p98`", "`fts-indexing.latency.p9"),
    case("metric-of-another-version", "[objectives]\n«\"spam-training.latency.p99\"» = \"< 60s\"", "no simulated version", "fts-indexing"),
    case("metric-without-quotes", "[objectives]\n«fts-indexing».latency.p99 = \"< 60s\"", "not in quotes", "\"fts-indexing.latency.p99\""),
    case("no-comparison", "[objectives]\n\"fts-indexing.latency.p99\" = «\"60s\"»", "no comparison", "\"< 60s\""),
    case("unknown-comparison", "[objectives]\n\"fts-indexing.latency.p99\" = «\"=> 60s\"»", "`=>` is no comparison", ">="),
    case("no-limit", "[objectives]\n\"fts-indexing.latency.p99\" = «\"<\"»", "no limit behind `<`", "\"< 60s\""),
    case("limit-no-number", "[objectives]\n\"fts-indexing.latency.p99\" = «\"< soon\"»", "`soon` is no limit", "\"< 60s\""),
    case("limit-as-number", "[objectives]\n\"fts-indexing.latency.p99\" = «60»", "the whole number `60`", "\"< 60s\""),
    case("limit-of-another-unit", "[objectives]\n\"push-notifications.missed.fraction\" = «\"< 60s\"»", "a time, but the metric is a share", "0.1%"),
    // Types.
    case("title-as-number", "title = «5»", "the whole number `5`", "\"5\""),
    case("replications-as-text", "replications = «\"ten\"»", "the text \"ten\"", "without quotes"),
    case("replications-as-fraction", "replications = «1.5»", "the number `1.5`", "whole number"),
    case("nodes-as-number", "nodes = «5»", "expected a table", "[heading]"),
    case("weights-as-number", "[workload]\nweekly_cycle = «5»", "the whole number `5`", "\"office\""),
    case("activity-as-other-text", "[workload]\nactivity = «\"equl\"»", "`equl`", "`equal`?"),
    case("true-as-text", "[server]\nfailed_try_renews = «\"yes\"»", "the text \"yes\"", "true or false"),
    // What cannot be simulated.
    case("too-many-messages", "[workload]\naccounts = 10_000_000\nmessages_per_account_per_day = «1e9»", "most of them messages", "ask for less"),
    case("timers-too-fast", "[server]\nmetrics_interval = «\"1us\"»", "most of them metrics", "ask for less"),
    case("too-much-memory", "[workload]\naccounts = 10_000_000\npush_subscriptions_per_account = «100»", "GB of memory", "fewer accounts"),
    // TOML itself.
    case("open-string", "title = \"a«»\nduration = \"1h\"", "not TOML", "toml.io"),
    case("no-equals", "title «»\"a\"", "not TOML", "toml.io"),
    case("number-with-commas", "[workload]\naccounts = 100«»,000", "not TOML", "such as 100_000"),
    case("node-for-nodes", "[nodes]\nids = \"1-3\"\n[node]\nids = «\"1-3\"»", "expected a table", "stands in [nodes]"),
    case("repeated-key", "title = \"a\"\n«title» = \"b\"", "`title` is given twice", "keep one"),
];
