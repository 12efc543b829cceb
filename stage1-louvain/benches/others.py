"""The same graphs by igraph, leidenalg and NetworKit: others.py EDGES... (pip install igraph leidenalg networkit).

Each file has an edge a line, `a b weight`, as `cargo bench -p stage1-louvain --bench planted` writes them with STAGECOACH_EDGES."""

import sys
import time

import igraph
import networkit

TIMES = 9


def told(name, took, modularity):
    took.sort()
    print(f"  {name}: median {took[len(took) // 2]:.3f} s, least {took[0]:.3f} s, modularity {modularity:.4f}")


def igraphs(edges, weights, method):
    graph = igraph.Graph(edges=edges)
    graph.es["weight"] = weights
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        found = method(graph)
        took.append(time.perf_counter() - began)
    return took, graph.modularity(found.membership, weights="weight")


def networkits(edges, weights, refine, threads):
    networkit.setNumberOfThreads(threads)
    graph = networkit.Graph(1 + max(b for _, b in edges), weighted=True)
    for (a, b), weight in zip(edges, weights):
        graph.addEdge(a, b, weight)
    graph.sortEdges()
    took = []
    for _ in range(TIMES):
        algorithm = networkit.community.PLM(graph, refine=refine)
        began = time.perf_counter()
        algorithm.run()
        took.append(time.perf_counter() - began)
    return took, networkit.community.Modularity().getQuality(algorithm.getPartition(), graph)


for path in sys.argv[1:]:
    rows = [line.split() for line in open(path)]
    edges = [(int(a), int(b)) for a, b, _ in rows]
    weights = [float(weight) for _, _, weight in rows]
    print(path)
    told("igraph multilevel", *igraphs(edges, weights, lambda g: g.community_multilevel(weights="weight")))
    told(
        "igraph Leiden",
        *igraphs(edges, weights, lambda g: g.community_leiden("modularity", weights="weight", n_iterations=2)),
    )
    for threads in (1, 2):
        told(f"NetworKit PLM, refined, {threads} threads", *networkits(edges, weights, True, threads))
