use super::{RenderedFile, Target, host_and_port};
use crate::topology::{Placement, Topology};

pub(super) fn file(topology: &Topology) -> RenderedFile {
    let mut text = String::from(
        "# prometheus --config.file=deploy/prometheus.yml\n\
         # Every process answers /metrics on its own port; the process on 8000 also on 8080, which serves nothing else.\n\
         global:\n  scrape_interval: 15s\n\nscrape_configs:\n  - job_name: wealthos\n    metrics_path: /metrics\n    \
         static_configs:\n      # With METRICS_PORT=0 scrape its port instead; never both, or one process counts twice.\n      \
         - targets: [\"localhost:8080\"]\n        labels: { service: monolith }\n\n  \
         # Groups that are served by a process of their own. What does not run shows as `up == 0`: drop the lines that you\n  \
         # do not need.\n  - job_name: wealthos-services\n    metrics_path: /metrics\n    static_configs:\n",
    );
    for group in topology.groups() {
        let targets: Vec<String> = match &group.placement {
            Some(Placement::Remote { addresses } | Placement::Split { addresses, .. }) => {
                let hosts = addresses.iter().map(|address| host_and_port(address));
                hosts.map(|host| format!("\"{host}\"")).collect()
            }
            _ => vec![format!("\"localhost:{}\"", group.port)],
        };
        let (targets, name) = (targets.join(", "), group.info.name);
        text += &format!("      - {{ targets: [{targets}], labels: {{ service: {name} }} }}\n");
    }
    RenderedFile::new(Target::Prometheus, "prometheus.yml", &text)
}
