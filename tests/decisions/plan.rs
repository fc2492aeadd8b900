//! Planning.

use crate::common::{rolesim, scenario, stderr, stdout, write};
use crate::queue::{p99, queue};
use rolesim::cluster::members::Members;
use rolesim::experiment::planning::{Candidate, Plan, PlanOptions, Rates, candidates, loads, plan};
use rolesim::layout::{LayoutRules, Role};
use rolesim::statistics::Confidence;

pub fn options(max_nodes: u32, survive: bool) -> PlanOptions {
    PlanOptions {
        max_nodes,
        survive,
        screening: 5,
        looks: vec![10, 20, 40],
        confidence: Confidence::default(),
        attempts: 4,
    }
}

fn planned(text: &str, max_nodes: u32, survive: bool) -> Plan {
    plan(&scenario(text), &options(max_nodes, survive), &|_| ()).expect("a plan")
}

/// M/M/c: 2 nodes are busy all the time, with 3 the 99th percentile is 2.95 s, with 4 it is 2.38 s, with 5 2.31 s. At a
/// limit half-way between 3 and 4 nodes, 4 are needed, all in one shard, since shards of their own are slower (for c
/// queues M/M/1 the time is exponential with rate µ − λ/c: 4.6 s at 4 nodes). If any one may be down, 5.
#[test]
fn number_of_nodes_is_that_of_erlang_c() {
    assert!((p99(3) - 2.946).abs() < 0.01 && (p99(4) - 2.382).abs() < 0.01, "{} {}", p99(3), p99(4));
    let limit = 0.5 * (p99(3) + p99(4));
    let needed = (3..10).find(|servers| p99(*servers) < limit).expect("a number");
    let found = planned(&queue(limit), 6, false);
    let winner = found.winner.clone().expect("a winner");
    assert_eq!((winner.nodes, winner.replicas, winner.dedicated), (needed, needed, 0));
    assert!(!found.has_undecided());
    let of_two = found.rows.iter().filter(|row| row.nodes == 2);
    assert!(of_two.map(|row| row.verdict.as_str()).all(|verdict| verdict == "unstable"));

    let surviving = planned(&queue(limit), 6, true).winner.expect("a winner");
    assert_eq!((surviving.nodes, surviving.replicas), (needed + 1, needed + 1));
}

/// With a limit of 12 s, 3 nodes of a shard each do: M/M/1 with µ − λ/3 = 2/3 has a 99th percentile of ln(100) · 1.5 =
/// 6.9 s; 2 nodes are busy all the time. If any one may be down, 3 are too few, shards of one node have none then, the
/// other node of a pair is busy all the time, and 4 nodes in one shard do.
#[test]
fn shards_without_a_live_node_are_thrown_out() {
    let found = planned(&queue(12.0), 4, false);
    let winner = found.winner.expect("a winner");
    assert_eq!((winner.nodes, winner.replicas), (3, 1));
    let surviving = planned(&queue(12.0), 4, true);
    let winner = surviving.winner.expect("a winner");
    assert_eq!((winner.nodes, winner.replicas), (4, 4));
    let alone = surviving.rows.iter().find(|row| row.candidate == "4-nodes-4x1-push1").expect("a row");
    assert_eq!(alone.verdict, "uncovered");
    assert_eq!(alone.limiting, "shard 1 of fts-indexing has no node while node 1 is down");
}

/// Two Erlang on 3 nodes with one worker each: every worker 2/3 busy; a processor has two cores and is half as loaded.
#[test]
fn loads_are_those_of_the_hand() {
    let scenario = scenario(&queue(8.0));
    let three =
        candidates(3, LayoutRules::Shards, false).into_iter().find(|known| known.replicas == 3).expect("one shard");
    let own = three.scenario(&scenario).expect("a scenario");
    let setup = own.setup(&own.layouts[0]);
    let loads = loads(&setup, &Rates::of(&setup), None);
    let of = |name: &str| loads.iter().find(|known| known.name == name).expect("a resource").load;
    assert!((of("fts-indexing worker of node 2") - 2.0 / 3.0).abs() < 1e-12);
    assert!((of("processor of node 2") - 1.0 / 3.0).abs() < 1e-12);
    assert_eq!(of("database connections"), 0.0);
}

/// Every candidate's configuration reads back as it is meant: each shard has its nodes, and each node its place.
#[test]
fn configurations_read_back() {
    for (version, rules) in
        [("0.13", LayoutRules::Lists), ("0.15", LayoutRules::Shards), ("0.16", LayoutRules::Objects)]
    {
        let scenario = scenario(&queue(8.0).replace("documented", version));
        for candidate in (1..=9).flat_map(|nodes| candidates(nodes, rules, true)) {
            let own = candidate.scenario(&scenario).expect("a scenario");
            let setup = own.setup(&own.layouts[0]);
            let indexing = &setup.coverage(Role::FtsIndexing).members;
            let push = &setup.coverage(Role::PushNotifications).members;
            let nodes = |members: &Members| members.iter().map(<[u16]>::len).collect::<Vec<_>>();
            let indexers = if candidate.dedicated > 0 { candidate.dedicated } else { candidate.nodes };
            let expected = match rules {
                LayoutRules::Shards => vec![candidate.replicas as usize; (indexers / candidate.replicas) as usize],
                _ => vec![indexers as usize],
            };
            assert_eq!(nodes(indexing), expected, "{candidate:?}");
            let pushing = if rules == LayoutRules::Shards { candidate.general() } else { candidate.nodes };
            let size = candidate.push_replicas;
            assert_eq!(nodes(push), vec![size as usize; (pushing / size) as usize], "{candidate:?}");
        }
    }
}

#[test]
fn command_writes_the_configuration_and_says_why_no_smaller_one_does() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "queue.toml", &queue(2.6));
    let found = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "6"]).code(0);
    insta::assert_snapshot!("plan", stdout(&found));
    let result = folder.path().join("results/queue-plan");
    let config = std::fs::read_to_string(result.join("config.toml")).expect("config.toml");
    assert!(config.contains("fts-indexing = [\"1,2,3,4\"]"), "{config}");
    insta::assert_snapshot!("plan_csv", std::fs::read_to_string(result.join("plan.csv")).expect("plan.csv"));
    let objectives = std::fs::read_to_string(result.join("plan_objectives.csv")).expect("plan_objectives.csv");
    insta::assert_snapshot!("plan_objectives_csv", objectives);

    let none = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "3", "--out", "none"]).code(3);
    assert!(stdout(&none).starts_with("No cluster of up to 3 nodes is shown to meet"), "{}", stdout(&none));
    assert!(!folder.path().join("none/config.toml").exists());
}

/// In 0.16 the winner is roles and environments.
#[test]
fn command_writes_roles_and_environment_for_0_16() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "queue.toml", &queue(60.0).replace("documented", "0.16").replace("1h", "10m"));
    let found = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "4"]).code(0);
    let (_, configuration) =
        stdout(&found).split_once("ClusterRole objects").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a heading");
    insta::assert_snapshot!("plan_0_16", configuration);
}

/// In 0.14, nodes that index and receive no mail find work every 300 s only, and k nodes of a push shard send k copies.
#[test]
fn limits_of_the_server_are_named() {
    let text = queue(20.0)
        .replace("documented", "0.14")
        .replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1")
        .replace("[objectives]\n", "[objectives]\n\"push-notifications.copies.mean\" = \"= 1\"\n");
    let found = planned(&text.replace("1h", "20m"), 4, false);
    let limiting = |name: &str| {
        let row = found.rows.iter().find(|row| row.candidate == name).expect("a row");
        (row.verdict.clone(), row.limiting.clone())
    };
    assert_eq!(found.winner.as_ref().map(Candidate::name).as_deref(), Some("3-nodes-3x1-push1"));
    let two_in_a_shard = limiting("3-nodes-1x3-push3");
    assert_eq!(two_in_a_shard.0, "missed");
    assert!(two_in_a_shard.1.contains("the 3 nodes of a push shard each send a copy"), "{}", two_in_a_shard.1);
    let late = planned(&text.replace("1h", "20m").replace("\"< 20s\"", "\"< 0.1s\""), 6, false);
    let deaf = late.rows.iter().find(|row| row.candidate == "6-nodes-3x1-push1-index3-no-mail").expect("a row");
    assert!(deaf.limiting.starts_with("refresh interval of 300s"), "{}", deaf.limiting);
    assert!(late.winner.is_none() && !late.has_undecided());
}

#[test]
fn what_cannot_be_planned_is_told_with_a_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |text: &str, reason: &str| {
        write(folder.path(), "queue.toml", text);
        let assert = rolesim(folder.path(), &["plan", "queue.toml"]).code(2);
        let message = stderr(&assert).split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(message.contains(reason), "{message}");
    };
    let text = queue(8.0);
    refused(
        &text.replace("[objectives]\n\"fts-indexing.latency.p99\" = \"< 8s\"\n", ""),
        "there is nothing to plan for",
    );
    let faulty = format!("{text}\n[[fault]]\ncrash = {{ node = 1, at = \"1m\", for = \"1m\" }}\n");
    refused(&faulty, "give the fault `nodes = \"all\"`");
    let line = faulty.lines().position(|line| line == "[[fault]]").expect("a fault") + 1;
    refused(&faulty, &format!("queue.toml:{line}:1: a fault of the scenario is about single nodes"));
}

/// How often a certificate is wrong, where it may be wrong most easily: the limit is the formula's 99th percentile of 3
/// nodes, which therefore do not meet it, and 3 are the most allowed. A certificate is a mistake, and at most 5 % may be
/// (and four standard deviations of 40 trials). `scripts/coverage.sh` has more trials.
#[test]
fn certificates_are_seldom_wrong() {
    let text = queue(p99(3)).replace("1h", "20m");
    let mut scenario = scenario(&text);
    let trials = 40;
    let options = PlanOptions { looks: vec![10, 20], ..options(3, false) };
    let wrong = (0..trials).filter(|seed| {
        scenario.seed = 1_000 + seed;
        plan(&scenario, &options, &|_| ()).expect("a plan").winner.is_some()
    });
    let share = wrong.count() as f64 / trials as f64;
    assert!(share <= 0.05 + 4.0 * (0.05 * 0.95 / trials as f64).sqrt(), "{share}");
}

/// The same with a limit that 4 nodes meet: every master seed finds 4, so the certificates are not merely withheld.
#[test]
fn every_seed_finds_the_number_of_the_formula() {
    let mut scenario = scenario(&queue(0.5 * (p99(3) + p99(4))).replace("1h", "20m"));
    for seed in 0..5 {
        scenario.seed = 2_000 + seed;
        let winner = plan(&scenario, &options(5, false), &|_| ()).expect("a plan").winner.expect("a winner");
        assert_eq!((winner.nodes, winner.replicas), (4, 4), "seed {seed}");
    }
}

/// Certification uses replications that screening has not seen: the winner's values are those of another seed.
#[test]
fn certificates_rest_on_fresh_replications() {
    let scenario = scenario(&queue(2.6).replace("1h", "10m"));
    let found = plan(&scenario, &options(5, false), &|_| ()).expect("a plan");
    assert_ne!(found.certified_seed, scenario.seed);
    assert!(i64::try_from(found.certified_seed).is_ok(), "it can be given as --seed");
}

/// Numbers of a line of `summary.csv`.
fn summary(folder: &std::path::Path, metric: &str) -> f64 {
    let text = std::fs::read_to_string(folder.join("summary.csv")).expect("summary.csv");
    let line = text.lines().find(|line| line.contains(&format!(",{metric},"))).expect("the metric");
    line.split(',').nth(3).expect("a mean").parse().expect("a number")
}

/// What is printed can be pasted: the configuration, put into the scenario as its layout, meets the objectives, and the
/// seed and replication that are named as the worst give the value that is named.
#[test]
fn configuration_pasted_into_a_scenario_meets_the_objectives() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = queue(2.6);
    write(folder.path(), "queue.toml", &text);
    let found = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "6", "--json"]).code(0);
    let json: serde_json::Value = serde_json::from_str(&stdout(&found)).expect("JSON");
    let config = json["configuration"]["config.toml"].as_str().expect("a configuration");
    let pasted = text
        .replace("[layouts.any]\n", &config.replace("[cluster.roles]", "[layouts.planned.cluster.roles]"))
        .replace("ids = \"1\"", "ids = \"1-4\"");
    write(folder.path(), "pasted.toml", &pasted);
    let run = rolesim(folder.path(), &["run", "pasted.toml", "--replications", "20"]).code(0);
    assert!(stdout(&run).contains("met"), "{}", stdout(&run));

    let winner = json["winner"].as_str().expect("a winner");
    let rows = json["objectives"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["candidate"] == winner && row["unit"] == "s").expect("a row");
    let (seed, number) = (json["certified_seed"].to_string(), row["worst_replication"].to_string());
    let again = ["run", "pasted.toml", "--seed", &seed, "--replication", &number, "--out", "again"];
    rolesim(folder.path(), &again).code(4);
    let value = summary(&folder.path().join("again"), "fts-indexing.latency.p99");
    assert_eq!(Some(value), row["worst"].as_f64());
}

/// In 0.16 the objects are a layout file and the lines of the environment the nodes' environment files; both are read by
/// the product's own readers, and meet the objectives.
#[test]
fn objects_and_environment_pasted_into_a_scenario_meet_the_objectives() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = queue(12.0)
        .replace("documented", "0.16")
        .replace("1h", "20m")
        .replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1")
        .replace("[objectives]\n", "[objectives]\n\"push-notifications.copies.mean\" = \"= 1\"\n");
    write(folder.path(), "queue.toml", &text);
    let found = rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "5", "--json"]).code(0);
    let json: serde_json::Value = serde_json::from_str(&stdout(&found)).expect("JSON");
    let of = |name: &str| json["configuration"][name].as_str().expect("a part").to_owned();
    write(folder.path(), "roles.json", &of("cluster-roles.json"));
    let mut nodes = String::new();
    let environment = of("environment.txt");
    for (number, lines) in (1..).zip(environment.split("# node ").skip(1)) {
        let lines = lines.split_once('\n').expect("a line feed").1;
        write(folder.path(), &format!("node-{number}.env"), lines);
        nodes.push_str(&format!("[node.{number}]\nenv = \"node-{number}.env\"\n"));
    }
    let count = nodes.matches("[node.").count();
    assert!(count > 1, "{environment}");
    let pasted = text
        .replace("[layouts.any]\n", "[layouts]\nplanned = \"roles.json\"\n")
        .replace("ids = \"1\"\ncores = 2\n", &format!("ids = \"1-{count}\"\ncores = 2\n{nodes}"));
    write(folder.path(), "pasted.toml", &pasted);
    let run = rolesim(folder.path(), &["run", "pasted.toml"]);
    assert_eq!(run.get_output().status.code(), Some(0), "{}{}", stdout(&run), stderr(&run));
}

/// A node crashes once in 30 days: whether tasks are left when the drain ends is asked of what was simulated, which settles it,
/// so that a plan is found. (That none is left after any crash would take thousands of replications.)
#[test]
fn a_plan_is_found_although_nodes_may_crash() {
    let crashes = "[[fault]]\nrandom_crashes = { nodes = \"all\", between = { exponential = { mean = \"30d\" } }, repair = \"5m\" }\n";
    let found = planned(&format!("{}{crashes}", queue(60.0).replace("1h", "20m")), 4, false);
    assert!(found.winner.is_some(), "{:?}", found.rows);
}

/// In 0.14 a push shard of one node loses everything while its node is down. No objective minds: it is said. One does: no
/// cluster is found, and the reason is that. (Two nodes in a shard would send two copies.)
#[test]
fn notifications_lost_while_a_node_is_down_are_told() {
    let text = queue(60.0)
        .replace("documented", "0.14")
        .replace("1h", "20m")
        .replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1")
        .replace("[objectives]\n", "[objectives]\n\"push-notifications.copies.mean\" = \"= 1\"\n");
    let silent = planned(&text, 6, true);
    let winner = silent.winner.expect("a winner");
    assert_eq!(winner.push_replicas, 1);
    assert!(
        silent.notes.iter().any(|note| note.contains("the notifications of its push shard are lost")),
        "{:?}",
        silent.notes
    );
    let minded = text.replace("[objectives]\n", "[objectives]\n\"push-notifications.missed.fraction\" = \"< 0.001\"\n");
    let found = planned(&minded, 5, true);
    assert!(found.winner.is_none() && !found.has_undecided());
    let name = format!("5-nodes-{}x{}-push1", 5 / 5, 5);
    let row = found.rows.iter().find(|row| row.candidate == name).expect("a row");
    assert!(row.limiting.contains("a push shard without a live node while node 1 is down"), "{}", row.limiting);
    assert_eq!(row.simulations, 0, "by calculation");
}

#[test]
fn page_of_a_plan_is_made_again_from_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "queue.toml", &queue(2.6).replace("1h", "20m"));
    rolesim(folder.path(), &["plan", "queue.toml", "--max-nodes", "5", "--quiet"]).code(0);
    let page = folder.path().join("results/queue-plan/report.html");
    let before = std::fs::read_to_string(&page).expect("a page");
    assert!(before.contains("4 nodes (8 cores)") && before.contains("[cluster.roles]") && before.contains("<svg"));
    std::fs::remove_file(&page).expect("removed");
    rolesim(folder.path(), &["report", "results/queue-plan"]).code(0);
    assert_eq!(std::fs::read_to_string(&page).expect("a page"), before);
}

/// Training ten times as long as indexing, one a message: the nodes that are set apart are for training, and the layout
/// reads back so.
#[test]
fn nodes_are_set_apart_for_the_heaviest_role() {
    let text = queue(60.0)
        .replace("documented", "0.14")
        .replace("trainings_per_message = 0", "trainings_per_message = 1")
        .replace("[tasks.fts-indexing]", "[tasks.bayes-training]\ncpu = \"5s\"\n[tasks.fts-indexing]");
    let scenario = scenario(&text);
    let own = scenario.setup(&scenario.layouts[0]);
    let heavy = rolesim::experiment::planning::heaviest(&own, &Rates::of(&own));
    assert_eq!(heavy, Role::BayesTraining);
    let apart = candidates(4, LayoutRules::Shards, false).into_iter().find(|known| known.dedicated == 2).expect("one");
    let own = Candidate { heavy, ..apart }.scenario(&scenario).expect("a scenario");
    let setup = own.setup(&own.layouts[0]);
    let nodes = |role| setup.coverage(role).members.iter().flatten().copied().collect::<Vec<_>>();
    assert_eq!(nodes(Role::BayesTraining), [2, 3]);
    assert_eq!(nodes(Role::FtsIndexing), [0, 1]);
}

/// Without subscriptions, patterns that differ in push only are one; with them, they are not.
#[test]
fn patterns_that_nothing_distinguishes_are_considered_once() {
    let text = queue(2.6).replace("1h", "2m");
    let of = |text: &str| planned(text, 4, false).rows.into_iter().filter(|row| row.nodes == 4).collect::<Vec<_>>();
    let with = text.replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1");
    let (without, with) = (of(&text), of(&with));
    assert!(without.len() < with.len(), "{without:?}");
    assert!(without.iter().all(|row| row.candidate.contains("-push1")), "{without:?}");
}

/// One attempt a size and a limit at what 4 nodes reach (M/M/4): the others that passed are told, and the way on.
#[test]
fn attempts_that_end_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = queue(p99(4)).replace("1h", "10m");
    let text = text.replace("push_subscriptions_per_account = 0", "push_subscriptions_per_account = 1");
    write(folder.path(), "queue.toml", &text);
    let plan = ["plan", "queue.toml", "--max-nodes", "4", "--max-attempts", "1", "--max-replications", "4"];
    let found = rolesim(folder.path(), &plan).code(4);
    let text = stdout(&found).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("try more with --max-attempts"), "{text}");
}

/// What is thrown out is what the interval shown says: no cluster passes whose whole interval misses an upper limit.
#[test]
fn no_cluster_passes_whose_interval_lies_beyond_the_limit() {
    for limit in [2.2, 2.4, 2.6, 3.0] {
        let found = planned(&queue(limit).replace("1h", "10m"), 5, false);
        let passed = found.rows.iter().filter(|row| matches!(row.verdict.as_str(), "passed" | "undecided"));
        for row in passed {
            let own = found.objectives.iter().filter(|objective| objective.candidate == row.candidate);
            for objective in own.filter(|objective| objective.unit == "s") {
                assert!(objective.ci_low < objective.limit, "{limit}: {row:?} {objective:?}");
            }
        }
    }
}
