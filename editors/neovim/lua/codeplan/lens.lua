--- "Plan then code" at functions to write and "Repair" at those that fail, kept up to date.
local M = {}

---@param bufnr integer
---@param group integer autocommand group
function M.attach(bufnr, group)
  if vim.lsp.codelens.enable then -- Neovim 0.12 refreshes by itself
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  -- Diagnostics come and go with examples that fail, and so does "Repair".
  vim.api.nvim_create_autocmd({ 'BufEnter', 'TextChanged', 'InsertLeave', 'DiagnosticChanged' }, {
    group = group,
    buffer = bufnr,
    desc = 'codeplan: code lenses',
    callback = function()
      M.refresh(bufnr)
    end,
  })
  M.refresh(bufnr)
end

---@param bufnr integer
function M.refresh(bufnr)
  if require('codeplan.client').of_buffer(bufnr) then
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
end

return M
