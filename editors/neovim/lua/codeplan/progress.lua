--- What the server is doing, from its progress notifications; they go on to Neovim's own handler.
local config = require('codeplan.config')

local M = {}

---@type table<string, {title: string, message: string, percentage: integer|nil}>
local running = {}
local order = {}

--- Handler of $/progress.
function M.handle(err, params, context, ...)
  if params and type(params.value) == 'table' then
    M.take(context.client_id .. ':' .. params.token, params.value)
  end
  return vim.lsp.handlers['$/progress'](err, params, context, ...)
end

---@param key string
---@param value table
function M.take(key, value)
  if value.kind == 'end' then
    running[key] = nil
    order = vim.tbl_filter(function(other)
      return other ~= key
    end, order)
    if #order == 0 then
      M.echo('')
    end
  else
    if not running[key] then
      order[#order + 1] = key
      running[key] = { title = '', message = '' }
    end
    local work = running[key]
    work.title = value.title or work.title
    work.message = value.message or work.message
    work.percentage = value.percentage or work.percentage
    M.echo(M.text())
  end
  vim.cmd('redrawstatus')
end

--- "codeplan: writing total: plan 2 of 3 (40%)", "" when nothing is running. For statuslines.
---@return string
function M.text()
  local work = running[order[#order] or '']
  if not work then
    return ''
  end
  local text = work.title
  if work.message ~= '' then
    text = text .. ': ' .. work.message
  end
  if work.percentage then
    text = ('%s (%d%%)'):format(text, work.percentage)
  end
  if #order > 1 then
    text = ('%s and %d more'):format(text, #order - 1)
  end
  return text
end

--- Forget what a server did that is gone.
function M.forget(client_id)
  for _, key in ipairs(vim.deepcopy(order)) do
    if vim.startswith(key, client_id .. ':') then
      M.take(key, { kind = 'end' })
    end
  end
end

--- One line below the text, without an entry in the message history and never "press ENTER".
function M.echo(text)
  if not config.get().echo or package.loaded.fidget or package.loaded.noice then
    return
  end
  local room = math.max(vim.o.columns - 12, 1)
  if vim.fn.strdisplaywidth(text) > room then
    text = vim.fn.strcharpart(text, 0, room - 3) .. '...'
  end
  if vim.fn.mode():sub(1, 1) ~= 'c' then
    vim.api.nvim_echo({ { text } }, false, {})
  end
end

vim.api.nvim_create_autocmd('LspDetach', {
  group = vim.api.nvim_create_augroup('codeplan.progress', {}),
  callback = function(args)
    local client = vim.lsp.get_client_by_id(args.data.client_id)
    if not client or client.name == 'codeplan' then
      M.forget(args.data.client_id)
    end
  end,
})

return M
