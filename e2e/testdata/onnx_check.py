"""Checks ONNX files as the library onnx does: form, operators, types and shapes. The argument is their folder."""
import glob, os, sys
import onnx

files = glob.glob(os.path.join(sys.argv[1], "*.onnx"))
for file in files:
    try:
        onnx.checker.check_model(file, full_check=True)
        shapes = onnx.shape_inference.infer_shapes(onnx.load(file), strict_mode=True, data_prop=True)
    except Exception as e:
        print(f"{os.path.basename(file)}: {e}")
print(len(files), "files")
