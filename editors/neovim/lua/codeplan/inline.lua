--- Ghost text with verified code, through Neovim's inline completion (0.12). By itself the server
--- offers only what an earlier search found; `ask` lets it search.
local client_of = require('codeplan.client')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED = 1

---@return boolean
function M.is_there()
  return vim.lsp.inline_completion ~= nil
end

---@param bufnr integer
function M.attach(bufnr)
  if M.is_there() then
    vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  end
end

--- Search for code for the function at the cursor and show it as ghost text.
function M.ask()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = client_of.of_buffer(bufnr)
  if not M.is_there() then
    return client_of.tell('codeplan: ghost text needs Neovim 0.12 or newer', vim.log.levels.ERROR)
  end
  if not client then
    return client_of.tell('codeplan: no server is running for this buffer', vim.log.levels.ERROR)
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = INVOKED }
  client_of.send(client, METHOD, params, function(err, result)
    if err then
      return client_of.tell('codeplan: ' .. err.message, vim.log.levels.ERROR)
    end
    local items = result and (result.items or result) or {}
    if #items == 0 then
      return client_of.tell('codeplan: no verified code that fits in here; :Codeplan plan can do more')
    end
    -- Neovim asks again, now for what was found, as after a movement of the cursor.
    if vim.api.nvim_get_current_buf() == bufnr and vim.fn.mode() == 'i' then
      vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = bufnr, modeline = false })
    end
  end, bufnr)
end

--- Put the ghost text into the buffer.
function M.accept()
  if M.is_there() then
    vim.lsp.inline_completion.get()
  end
end

return M
