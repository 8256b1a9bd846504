"""BoARIO 0.7.2 on WIOD 2011 (1,435 industries): one industry's capacity cut by half for 60 days, DAYS daily steps.

Usage: chain_inventory.py DATA OUT REGION SECTOR DAYS   (DATA: the folder of the WIOD Parquet files)
Writes the table and the peer's production for the example bench_inventory, and prints the peer's time as a row of a table.
"""
import logging, os, resource, sys, time, warnings

warnings.filterwarnings("ignore")
import numpy as np, pandas as pd, pymrio
from boario import event
from boario.extended_models import ARIOPsiModel
from boario.simulation import Simulation

logging.disable(logging.CRITICAL)
data, out, region, sector = sys.argv[1:5]
days = int(sys.argv[5])
os.makedirs(out, exist_ok=True)
z = pd.read_parquet(f"{data}/wiot_2011_Z.parquet").set_index("id").astype(float)
y = pd.read_parquet(f"{data}/wiot_2011_Y.parquet").set_index("id").astype(float).clip(lower=0)
rows = pd.MultiIndex.from_tuples([tuple(i.split("_")) for i in z.index], names=["region", "sector"])
columns = pd.MultiIndex.from_tuples([tuple(i.split("_")) for i in y.columns], names=["region", "category"])
z.index = z.columns = y.index = rows
y.columns = columns
np.ascontiguousarray(z.to_numpy()).tofile(f"{out}/z.bin")
np.ascontiguousarray(y.to_numpy()).tofile(f"{out}/y.bin")
for name, index in (("labels", rows), ("columns", columns)):
    with open(f"{out}/{name}.csv", "w") as file:
        file.writelines(f"{a},{b}\n" for a, b in index)
system = pymrio.IOSystem(Z=z, Y=y)
system.calc_all()
model = ARIOPsiModel(system)
simulation = Simulation(model, n_temporal_units_to_sim=days)
hit = pd.Series([0.5], index=pd.MultiIndex.from_tuples([(region, sector)], names=["region", "sector"]))
simulation.add_event(event.from_series(hit, event_type="arbitrary", occurrence=5, duration=60, recovery_tau=60))
wall, cpu = time.perf_counter(), time.process_time()
simulation.loop()
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"| BoARIO, {days} steps | {wall:.2f} | {cpu:.2f} | peak {peak:.0f} MB |")
np.ascontiguousarray(simulation.production_realised[list(rows)].to_numpy()).tofile(f"{out}/production.bin")
