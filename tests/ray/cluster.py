"""A Ray cluster of two nodes on this machine with the engine as a deployment: of two replicas, one for
each node, at /two, and once more of none, at /.

Prints `url: URL` when it serves. On the line `kill` it kills the node that is not the head's, and prints
`killed`. Ends with its standard input.
"""

import os
import socket
import sys
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
sys.path.insert(0, str(Path(__file__).parents[2] / "engine" / "python"))

import ray
from ray import serve
from ray.cluster_utils import Cluster

import ray_app


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# Neither node has room for both replicas.
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
other = cluster.add_node(num_cpus=1)
ray.init(address=cluster.address, log_to_driver=False)
try:
    port = free_port()
    # On one machine the proxies of both nodes would share the port, and one of them dies.
    serve.start(proxy_location="HeadOnly", http_options={"host": "127.0.0.1", "port": port})
    two = {"min_replicas": 2, "max_replicas": 2}
    serve.run(ray_app.engine.options(autoscaling_config=two).bind(), name="two", route_prefix="/two")
    none = {"min_replicas": 0, "initial_replicas": 0, "max_replicas": 1}
    small = {"num_cpus": 0}
    zero = ray_app.engine.options(autoscaling_config=none, ray_actor_options=small).bind()
    serve.run(zero, name="zero")
    print(f"url: http://127.0.0.1:{port}", flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(other, allow_graceful=False)
            print("killed", flush=True)
finally:
    ray.shutdown()
    cluster.shutdown()
