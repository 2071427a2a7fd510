"""Make a photograph small and bring it back, in five lines."""

import irrm_core as irrm

image, _ = irrm.read_image("examples/photos/coffee.png")
rescaler = irrm.Rescaler("irrm-fast-x4")
small = rescaler.downscale(image)
restored = rescaler.restore(small)
print(f"{image.shape} -> {small.image.shape} -> {irrm.psnr(image, restored):.2f} dB")
