---@brief
---
--- codeplan: an offline coding assistant for Python. From a function with a docstring and examples
--- it samples plans from a small local model, writes code for each, runs the file's own examples in
--- a sandbox, and inserts only code that passes them.
---
--- The server is the program `codeplan-server` of the Python package `codeplan`. Its settings stand
--- below `codeplan`:
---
--- ```lua
--- vim.lsp.config('codeplan', {
---   settings = { codeplan = { search = { plans = 5 } } },
--- })
--- ```

---@type vim.lsp.Config
return {
  cmd = { 'codeplan-server' },
  filetypes = { 'python' },
  root_markers = { 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', '.git' },
  -- Neovim honours the version of an edit but does not say so. Without this an edit that was made
  -- for the text of a moment ago could land in the wrong place.
  capabilities = { workspace = { workspaceEdit = { documentChanges = true } } },
}
