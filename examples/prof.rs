fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let scenario =
        rolesim::scenario::Scenario::parse(rolesim::source::SourceText::new(&*path, text), std::path::Path::new("."))
            .map_err(|e| e.to_string())
            .unwrap();
    let setup = scenario.setup(&scenario.layouts[0]);
    let (record, profile) = rolesim::cluster::simulate_profiled(&setup, 0);
    let deliveries = record.roles[6].created as f64;
    for (k, part) in profile.parts.iter().enumerate() {
        let name = rolesim::cluster::packed::KIND_NAMES.get(k).unwrap_or(&"arrival");
        if part.events > 0 {
            println!(
                "{name:24} {:10} {:6.2}/delivery {:7.1} ns each {:7.1} ns/delivery",
                part.events,
                part.events as f64 / deliveries,
                part.estimated_time().as_nanos() as f64 / part.events as f64,
                part.estimated_time().as_nanos() as f64 / deliveries
            );
        }
    }
    println!(
        "total {:?} {} deliveries, {:.1} ns each",
        profile.time,
        deliveries,
        profile.time.as_nanos() as f64 / deliveries
    );
}
