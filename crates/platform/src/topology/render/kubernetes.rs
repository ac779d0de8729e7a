use super::{RenderedFile, SECRETS, Target, service_name, service_url, url_variable};
use crate::topology::Topology;

const NAMESPACE: &str = "financial-system";

pub(super) fn files(topology: &Topology) -> Vec<RenderedFile> {
    let mut files = vec![
        file("financial-system.yaml", &monolith(topology)),
        file("split/services.yaml", &services(topology)),
        file("split/gateway.yaml", &gateway(topology)),
    ];
    for group in topology.groups() {
        let name = service_name(group.info.name);
        let workload = Workload {
            name: &name,
            container: &name,
            image: format!("wealthos/{name}:latest"),
            port: group.port,
            replicas: group.replicas,
            metrics_port: group.port,
            is_split: true,
        };
        let text = workload.deployment() + &workload.service();
        files.push(file(&format!("split/{name}.yaml"), &text));
    }
    files
}

fn file(name: &str, text: &str) -> RenderedFile {
    RenderedFile::new(Target::Kubernetes, &format!("kubernetes/{name}"), text)
}

fn namespace() -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {NAMESPACE}\n")
}

const SECRETS_NOTE: &str = "\
# Secrets first, never in a file of the repository:
# kubectl -n financial-system create secret generic db-secret --from-literal=url=mongodb://…
# kubectl -n financial-system create secret generic wealthos-secrets --from-literal=JWT_SECRET=… \\
#   --from-literal=ENCRYPTION_KEY=… --from-literal=SERVICE_SECRET=…
";

/// Every group in one process, three times unless the topology asks for another number than one.
fn monolith(topology: &Topology) -> String {
    let gateway = topology.gateway();
    let workload = Workload {
        name: "financial-system",
        container: "financial-api",
        image: "financial-system:latest".to_owned(),
        port: gateway.port,
        replicas: if gateway.replicas == 1 {
            3
        } else {
            gateway.replicas
        },
        metrics_port: 8080,
        is_split: false,
    };
    SECRETS_NOTE.to_owned() + &namespace() + &workload.deployment() + &workload.service()
}

/// Where every service is, for all of them.
fn services(topology: &Topology) -> String {
    let mut text = format!(
        "{SECRETS_NOTE}{}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: wealthos-services\n  namespace: {NAMESPACE}\n\
         data:\n  DEPLOYMENT_MODE: microservices\n",
        namespace()
    );
    for group in topology.groups() {
        text += &format!("  {}: {}\n", url_variable(group.info.name), service_url(group));
    }
    text
}

fn gateway(topology: &Topology) -> String {
    let gateway = topology.gateway();
    let workload = Workload {
        name: "gateway",
        container: "gateway",
        image: "wealthos/gateway:latest".to_owned(),
        port: gateway.port,
        replicas: gateway.replicas,
        metrics_port: 8080,
        is_split: true,
    };
    workload.deployment() + &workload.service()
}

/// One kind of pod.
struct Workload<'a> {
    name: &'a str,
    container: &'a str,
    image: String,
    port: u16,
    replicas: u16,
    metrics_port: u16,
    is_split: bool,
}

impl Workload<'_> {
    fn deployment(&self) -> String {
        let Self {
            name,
            container,
            image,
            port,
            replicas,
            metrics_port,
            is_split,
        } = self;
        let services = match is_split {
            true => {
                "          envFrom:\n            - configMapRef:\n                name: wealthos-services\n"
            }
            false => "",
        };
        let secrets: String = SECRETS.iter().map(|name| secret(name)).collect();
        format!(
            "---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {NAMESPACE}
  labels:
    app: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: {name}
  template:
    metadata:
      labels:
        app: {name}
      annotations:
        prometheus.io/scrape: \"true\"
        prometheus.io/path: /metrics
        prometheus.io/port: \"{metrics_port}\"
    spec:
      terminationGracePeriodSeconds: 45
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        fsGroup: 65532
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {container}
          image: {image}
          args: [\"--port\", \"{port}\"]
          ports:
            - containerPort: {port}
{services}          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: db-secret
                  key: url
{secrets}            - name: WEALTHOS__SECURITY__ENVIRONMENT
              value: production
            - name: POD_IP
              valueFrom:
                fieldRef:
                  fieldPath: status.podIP
            - name: WEALTHOS__TOPOLOGY__ADVERTISE
              value: http://$(POD_IP):{port}
          readinessProbe:
            httpGet:
              path: /ready
              port: {port}
            periodSeconds: 5
            timeoutSeconds: 3
          livenessProbe:
            tcpSocket:
              port: {port}
            periodSeconds: 10
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 512Mi
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [\"ALL\"]
          volumeMounts:
            - name: data
              mountPath: /data
      volumes:
        - name: data
          emptyDir: {{}}
"
        )
    }

    fn service(&self) -> String {
        let Self {
            name,
            container,
            port,
            ..
        } = self;
        format!(
            "---
apiVersion: v1
kind: Service
metadata:
  name: {container}
  namespace: {NAMESPACE}
spec:
  selector:
    app: {name}
  ports:
    - name: http
      port: {port}
      targetPort: {port}
"
        )
    }
}

fn secret(name: &str) -> String {
    format!(
        "            - name: {name}
              valueFrom:
                secretKeyRef:
                  name: wealthos-secrets
                  key: {name}
"
    )
}
