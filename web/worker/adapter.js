// Looks for a GPU. The engine's runtime panics without one, so it is asked for here first.

// What a GPU calls itself that is none: SwiftShader (Chrome), llvmpipe (Mesa), WARP (Windows).
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

// `{ name }` of the WebGPU adapter, or `{ why }` there is none to use, as a code of atlas-protocol's `Why`.
// One in software is slower than the CPU, so it only counts where it is asked for.
export async function adapter(software) {
  if (!self.isSecureContext) return { why: 'insecure' };
  if (!navigator.gpu) return { why: 'absent' };
  let found;
  try {
    found = await navigator.gpu.requestAdapter();
  } catch {
    return { why: 'silent' };
  }
  if (!found) return { why: 'no-card' };
  const info = found.info ?? {};
  const kind = [info.vendor, info.architecture].filter(Boolean).join(' ');
  const name = (info.description || info.device || kind).trim() || 'GPU';
  const fallback = found.isFallbackAdapter || info.isFallbackAdapter;
  const slow = fallback || SOFTWARE.test([kind, info.device, info.description].join(' '));
  return slow && !software ? { why: `software:${name}` } : { name };
}
