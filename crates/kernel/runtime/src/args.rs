use crate::settings::LogFormat;
use clap::Args;
use std::path::PathBuf;

/// The flags that every server binary has. They are the last layer of the settings: what stands here wins.
#[derive(Debug, Clone, Default, Args)]
pub struct ServerArgs {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<String>,
    /// The port to listen on; 0 takes a free one
    #[arg(long)]
    pub port: Option<u16>,
    /// The settings file; without it config/wealthos.toml is read if it is there
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The directory for databases and made secrets
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The route groups to serve, separated by commas; without it all that are built in
    #[arg(long, value_delimiter = ',', value_name = "GROUP,GROUP")]
    pub groups: Option<Vec<String>>,
    /// How log lines are written
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// Put demo data into an empty store
    #[arg(long)]
    pub demo: bool,
    /// Print the settings in force, secrets masked, and stop
    #[arg(long)]
    pub print_config: bool,
}

impl ServerArgs {
    /// The settings that the flags set, as `section.field` and value.
    pub fn overrides(&self) -> Vec<(&'static str, config::Value)> {
        let mut set = Vec::new();
        let mut put = |key, value: Option<config::Value>| {
            if let Some(value) = value {
                set.push((key, value));
            }
        };
        put("server.host", self.host.clone().map(Into::into));
        put("server.port", self.port.map(Into::into));
        let data_dir = self.data_dir.as_ref();
        put(
            "server.data_dir",
            data_dir.map(|dir| dir.display().to_string().into()),
        );
        put("server.groups", self.groups.clone().map(Into::into));
        put("server.demo", self.demo.then(|| true.into()));
        let format = self.log_format.map(LogFormat::as_str);
        put("log.format", format.map(Into::into));
        set
    }
}
