use crate::settings::LogFormat;
use clap::Args;
use std::{collections::BTreeMap, path::PathBuf};

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
    /// The route modules to serve, separated by commas; without it all (wealthctl registry lists them)
    #[arg(long, value_delimiter = ',', value_name = "MODULE,MODULE")]
    pub modules: Option<Vec<String>>,
    /// The topology file; without it config/topology.toml is read if it is there
    #[arg(long, value_name = "FILE")]
    pub topology: Option<PathBuf>,
    /// A group that runs in another process, and where: several addresses are separated by commas. Can be repeated
    #[arg(long = "remote", value_name = "GROUP=URL", value_parser = Remote::parse)]
    pub remotes: Vec<Remote>,
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
    pub fn overrides(&self) -> Vec<(String, config::Value)> {
        let mut set = Vec::new();
        let mut put = |key: &str, value: Option<config::Value>| {
            if let Some(value) = value {
                set.push((key.to_owned(), value));
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
        put("server.modules", self.modules.clone().map(Into::into));
        let topology = self.topology.as_ref();
        put(
            "topology.file",
            topology.map(|file| file.display().to_string().into()),
        );
        for (group, addresses) in self.remote_groups() {
            put(&format!("topology.remotes.{group}"), Some(addresses.into()));
        }
        put("server.demo", self.demo.then(|| true.into()));
        let format = self.log_format.map(LogFormat::as_str);
        put("log.format", format.map(Into::into));
        set
    }

    /// Every group of `--remote` with all its addresses.
    fn remote_groups(&self) -> BTreeMap<&str, Vec<String>> {
        let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for remote in &self.remotes {
            let addresses = groups.entry(&remote.group).or_default();
            addresses.extend(remote.addresses.iter().cloned());
        }
        groups
    }
}

/// A group that runs in another process, as `--remote` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The group.
    pub group: String,
    /// Where it is reached.
    pub addresses: Vec<String>,
}

impl Remote {
    /// Takes `finance=http://127.0.0.1:8011` apart; several addresses are separated by commas.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (group, addresses) = text
            .split_once('=')
            .ok_or("write a group and an address, as in finance=http://127.0.0.1:8011")?;
        let group = group.trim();
        if group.is_empty()
            || !group
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            return Err("the name of a group stands before the =, as in finance".to_owned());
        }
        let addresses = addresses.split(',').map(|address| address.trim().to_owned());
        Ok(Self {
            group: group.to_owned(),
            addresses: addresses.filter(|address| !address.is_empty()).collect(),
        })
    }
}
