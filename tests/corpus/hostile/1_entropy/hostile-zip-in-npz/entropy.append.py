import io
import zipfile

packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as file:
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (2**29,)})
    for _ in range(16):
        file.write(bytes(2**20))
packed.seek(0)
np.load(packed)["x"].sum()
