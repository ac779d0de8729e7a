use actix_web::http::header::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// A network: an address and how many of its leading bits count.
struct Network {
    address: u128,
    bits: u32,
}

/// The proxies whose `X-Forwarded-For` is believed.
pub(super) struct TrustedProxies {
    networks: Vec<Network>,
}

impl TrustedProxies {
    /// From texts that the settings have checked.
    pub(super) fn new(texts: &[String]) -> Self {
        Self {
            networks: texts.iter().filter_map(|text| network(text)).collect(),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let number = mapped(address);
        self.networks.iter().any(|network| {
            let free = 128 - network.bits;
            free == 128 || (number ^ network.address) >> free == 0
        })
    }

    /// Whether the client came over HTTPS: as a trusted proxy says. The process itself speaks plain HTTP.
    pub(super) fn is_secure(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let proto = headers.get("x-forwarded-proto").map(|value| value.as_bytes());
        peer.is_some_and(|peer| self.trusts(peer.ip())) && proto == Some(b"https")
    }

    /// The address of the client: the peer, or behind trusted proxies the last address that is none of theirs.
    pub(super) fn client(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.ip();
        if self.networks.is_empty() || !self.trusts(peer) {
            return Some(peer);
        }
        let mut client = peer;
        let lines: Vec<_> = headers
            .get_all("x-forwarded-for")
            .filter_map(|line| line.to_str().ok())
            .collect();
        for text in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let Ok(address) = text.trim().parse::<IpAddr>() else {
                break;
            };
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        Some(client)
    }
}

fn network(text: &str) -> Option<Network> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address.parse::<IpAddr>().ok()?, Some(bits.parse::<u32>().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let (width, skipped) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
    Some(Network {
        address: mapped(address),
        bits: bits.unwrap_or(width).min(width) + skipped,
    })
}

/// The number of an address; IPv4 as it is mapped into IPv6.
pub(super) fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => u128::from(four.to_ipv6_mapped()),
        IpAddr::V6(six) => u128::from(six),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn client(trusted: &[&str], peer: &str, forwarded: &'static str) -> String {
        let proxies = TrustedProxies::new(&trusted.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_static(forwarded),
        );
        let peer = format!("{peer}:1").parse().unwrap();
        proxies.client(Some(peer), &headers).unwrap().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client(&[], "10.0.0.1", "1.2.3.4"), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"),
            "1.2.3.4"
        );
        assert_eq!(client(&["10.0.0.0/8"], "11.0.0.1", "1.2.3.4"), "11.0.0.1");
        assert_eq!(client(&["10.0.0.1"], "10.0.0.1", "nonsense"), "10.0.0.1");
    }
}

#[cfg(test)]
mod fuzz_tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    const WORDS: [&str; 14] = [
        "10.0.0.1",
        "203.0.113.7",
        "::1",
        "fe80::1%eth0",
        ",",
        " ",
        "unknown",
        "\"",
        "[::1]:80",
        "10.0.0.1:80",
        "256.1.1.1",
        "é",
        "::ffff:10.0.0.1",
        "https",
    ];

    /// Whoever does not come through a trusted proxy is taken for who they are, whatever they say.
    #[test]
    fn nobody_chooses_an_address() {
        let proxies = TrustedProxies::new(&["10.0.0.0/8".to_owned(), "::1".to_owned()]);
        let outside: SocketAddr = "198.51.100.9:1234".parse().unwrap();
        let proxy: SocketAddr = "10.1.2.3:1234".parse().unwrap();
        bolero::check!().with_iterations(6_000).for_each(|bytes: &[u8]| {
            let mut headers = HeaderMap::new();
            for line in bytes.chunks(8) {
                let text: String = line
                    .iter()
                    .map(|byte| WORDS[usize::from(*byte) % WORDS.len()])
                    .collect();
                for name in ["x-forwarded-for", "x-forwarded-proto"] {
                    if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                        headers.append(HeaderName::from_static(name), value);
                    }
                }
            }
            assert_eq!(proxies.client(Some(outside), &headers), Some(outside.ip()));
            assert!(!proxies.is_secure(Some(outside), &headers));
            assert!(proxies.client(Some(proxy), &headers).is_some());
        });
    }
}
